import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A caller who writes bytes instead of requests. It goes with the test. */
export async function rawCaller(url: string): Promise<Socket> {
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** Writes these bytes and gives back all that comes until the other side closes. */
export async function rawExchange(url: string, bytes: string): Promise<string> {
  const socket = await rawCaller(url);
  socket.write(bytes, 'latin1');
  let answer = '';
  for await (const chunk of socket) answer += chunk;
  return answer;
}
