/** How a contestant shows that it did what it is measured at. Throws if it did not. */
export type Check = (url: string, answers: number) => Promise<void>;

export const noCheck: Check = async () => undefined;

/** The service, by its own count, has answered at least so many probes, and each of them with "alive, route". */
export const serviceCheck = countCheck('chatprobe_probes_total', ['evidence="alive"', 'verdict="route"']);

/** The same of the service of an hour's work. */
export const hourCheck = countCheck('probes_total', ['verdict="route"', 'reason="delivered"']);

function countCheck(metric: string, wanted: readonly string[]): Check {
  return async (url, answers) => {
    const text = await (await fetch(`${url}/metrics`)).text();
    let good = 0;
    let other = 0;
    for (const [, labels = '', value = '0'] of text.matchAll(new RegExp(`^${metric}\\{(.*)\\} (\\d+)$`, 'gm'))) {
      if (wanted.every((label) => labels.includes(label))) good += Number(value);
      else other += Number(value);
    }
    if (good < answers || other > 0) throw new Error(`${answers} answers, but ${good} verdicts ${wanted.join(', ')} and ${other} others`);
  };
}
