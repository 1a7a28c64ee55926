/*
 * Runs in the service before it starts (`--import`, with `--expose-gc` and an IPC channel): collects when it is asked to, and tells how
 * much of the heap is in use then. With SOAK_PLANT=leak it keeps something of every request, as a service that leaks would.
 */
import { subscribe } from 'node:diagnostics_channel';

const kept = [];
if (process.env.SOAK_PLANT === 'leak') subscribe('http.server.request.start', () => kept.push(new Array(1_000).fill(kept.length)));

process.on('message', () => {
  // What the first one finalises, the second one collects.
  globalThis.gc();
  setImmediate(() => {
    globalThis.gc();
    process.send(process.memoryUsage().heapUsed);
  });
});
process.on('disconnect', () => process.exit());
// It must not keep the service from ending.
process.channel.unref();
