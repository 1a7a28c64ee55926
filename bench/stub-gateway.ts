/** The least that answers like a gateway (docs/gateway.md): every message is delivered at once. Listens on BENCH_PORT of loopback. */
import { createServer } from 'node:http';

interface Message {
  readonly referenceId: number;
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { referenceId }: Message = request.method === 'POST' ? JSON.parse(Buffer.concat(chunks).toString()) : { referenceId: 0 };
    const body = JSON.stringify({ messageName: 'Event3rdServerResponse', referenceId, request: { Service: 'Chat', Method: 'Message' } });
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body);
  });
});
server.listen(Number(process.env['BENCH_PORT']), '127.0.0.1');
