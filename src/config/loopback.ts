import { isIPv4 } from 'node:net';

/** Whether only this machine can reach the host. By the address alone: a name other than `localhost` may stand for anything. */
export function isLoopback(host: string): boolean {
  return host.toLowerCase() === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}
