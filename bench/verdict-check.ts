/** Throws unless the service, by its own count, has answered at least `answers` probes, and each of them with "alive, route". */
export async function checkVerdicts(url: string, answers: number): Promise<void> {
  const text = await (await fetch(`${url}/metrics`)).text();
  let alive = 0;
  let other = 0;
  for (const [, labels = '', value = '0'] of text.matchAll(/^chatprobe_probes_total\{(.*)\} (\d+)$/gm)) {
    if (labels.includes('evidence="alive"') && labels.includes('verdict="route"')) alive += Number(value);
    else other += Number(value);
  }
  if (alive < answers || other > 0) throw new Error(`${answers} answers, but ${alive} verdicts "alive, route" and ${other} others`);
}
