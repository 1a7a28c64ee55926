import { type Agent, type OutgoingHttpHeaders, request } from 'node:http';

/** What a caller got: an answer, or the code of what broke. Where it broke after the head, `cut: ` is before the code. */
export type CallerGot = { readonly status: number; readonly body: string } | { readonly broken: string };

/** Posts to a port of loopback. Asks once: nothing is tried again. @param agent false for a connection of its own. */
export function post(port: number, path: string, agent: Agent | false, headers: OutgoingHttpHeaders = {}, body = ''): Promise<CallerGot> {
  return new Promise((resolve) => {
    const length = { 'content-length': String(Buffer.byteLength(body)) };
    const asked = request({ host: '127.0.0.1', port, method: 'POST', path, agent, headers: { ...headers, ...length } }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('error', (fault: NodeJS.ErrnoException) => resolve({ broken: `cut: ${fault.code}` }));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: text }));
    });
    asked.on('error', (fault: NodeJS.ErrnoException) => resolve({ broken: String(fault.code) }));
    asked.end(body);
  });
}
