import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';

/** One alert of one message, as Alertmanager's webhook tells it. */
export interface ToldAlert {
  readonly alert: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly isFiring: boolean;
  /** When Prometheus began to fire it, and when it ceased; Unix time in ms. */
  readonly startedMs: number;
  readonly endedMs: number;
  /** When the message arrived here. */
  readonly arrivedMs: number;
}

export interface AlertReceiver {
  readonly url: string;
  /** All so far, in the order of their arrival. */
  readonly told: readonly ToldAlert[];
  close(): void;
}

interface Message {
  readonly alerts: readonly {
    readonly status: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly startsAt: string;
    readonly endsAt: string;
  }[];
}

/** Stands where a site has its pager. */
export async function startAlertReceiver(): Promise<AlertReceiver> {
  const told: ToldAlert[] = [];
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      for (const { status, labels, startsAt, endsAt } of (body as Message).alerts)
        told.push({
          alert: labels['alertname'] ?? '',
          labels,
          isFiring: status === 'firing',
          startedMs: Date.parse(startsAt),
          endedMs: Date.parse(endsAt),
          arrivedMs: Date.now(),
        });
      response.end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the receiver has no port');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    told,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
