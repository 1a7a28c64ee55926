import { Agent, fetch } from 'undici';

/** What a stop comes to: a chat whose customer is there was cut off. */
export type Truth = 'present' | 'gone';

/** The simulator's control face: opens chats, crashes Chat Servers, tells what is true. */
export interface World {
  open(id: string, chatServer: string): Promise<void>;
  crash(chatServer: string): Promise<void>;
  start(chatServer: string): Promise<void>;
  truthOf(id: string): Promise<Truth>;
  close(): Promise<void>;
}

export function steer(simulator: string): World {
  // A connection each: a busy machine notices late that one was closed.
  const dispatcher = new Agent({ pipelining: 0 });
  const call = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const sent = body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await fetch(`${simulator}/sim/${path}`, { method, ...sent, dispatcher });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  return {
    open: (id, chatServer) => call('POST', 'sessions', { id, chatServer }),
    crash: (chatServer) => call('POST', `servers/${chatServer}/crash`),
    start: (chatServer) => call('POST', `servers/${chatServer}/start`),
    truthOf: async (id) => (await call<{ readonly customer: Truth }>('GET', `sessions/${id}/truth`)).customer,
    close: () => dispatcher.destroy(),
  };
}
