/**
 * What a capable colleague would write in an hour, with what everybody knows: one message to the gateway, the reply read, a verdict, a line
 * of the log, a metric, a token. It asks once, and what it does not understand it routes. Listens on BENCH_PORT, asks BENCH_GATEWAY_URL;
 * callers show API_TOKEN.
 */
import { randomInt } from 'node:crypto';
import axios from 'axios';
import express from 'express';
import { pinoHttp } from 'pino-http';
import client from 'prom-client';

const { BENCH_PORT, BENCH_GATEWAY_URL, API_TOKEN } = process.env;
const CHAT_GONE = '100';

const gateway = axios.create({ baseURL: BENCH_GATEWAY_URL, timeout: 2_000 });

client.collectDefaultMetrics();
const probes = new client.Counter({ name: 'probes_total', help: 'Probes.', labelNames: ['verdict', 'reason'] });
const seconds = new client.Histogram({ name: 'probe_duration_seconds', help: 'How long a probe took.', labelNames: ['verdict'] });

const app = express();
app.use(
  pinoHttp({
    redact: ['req.headers.authorization'],
    customProps: (_request, response) => ({ verdict: response.locals?.verdict, reason: response.locals?.reason }),
  }),
);

app.get('/metrics', async (_request, response) => {
  response.type(client.register.contentType).send(await client.register.metrics());
});

app.post('/interactions/:id/probe', checkToken, express.json(), async (request, response) => {
  const stopTimer = seconds.startTimer();
  const { verdict, reason } = await probe(request.params.id, request.body.chatServerAppName, request.log);
  stopTimer({ verdict });
  probes.inc({ verdict, reason });
  Object.assign(response.locals, { verdict, reason });
  response.json({ interactionId: request.params.id, verdict, reason });
});

function checkToken(request, response, next) {
  if (request.get('authorization') === `Bearer ${API_TOKEN}`) next();
  else response.status(401).json({ error: 'unauthorized' });
}

async function probe(interactionId, chatServerAppName, log) {
  try {
    const { data } = await gateway.post('/esp', messageFor(interactionId, chatServerAppName));
    return decide(data);
  } catch (error) {
    log.warn({ err: error }, 'the gateway gave no answer');
    return { verdict: 'route', reason: 'gateway_error' };
  }
}

function decide({ messageName, request }) {
  const faultCode = request?.Parameters?.FaultCode;
  if (faultCode === CHAT_GONE) return { verdict: 'stop', reason: 'not_found' };
  if (messageName === 'Event3rdServerResponse' && faultCode === undefined) return { verdict: 'route', reason: 'delivered' };
  return { verdict: 'route', reason: 'fault' };
}

function messageFor(interactionId, chatServerAppName) {
  return {
    messageName: 'Request3rdServer',
    referenceId: randomInt(2 ** 31),
    request: {
      AppName: chatServerAppName,
      AppType: 'ChatServer',
      Service: 'Chat',
      Method: 'Message',
      Parameters: { MessageText: '[probe]', Visibility: 'VIP' },
    },
    userData: { InteractionId: interactionId, Id: interactionId },
  };
}

app.listen(Number(BENCH_PORT), '127.0.0.1');
