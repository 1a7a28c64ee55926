/** Writes the pictures of `/status` for the README: an hour with an outage, in light and dark. `npm run pictures:status` */
import { fileURLToPath } from 'node:url';
import { openBrowser } from '../test/support/browser.ts';
import { playedHour } from './status-hour.ts';

const SIZE = { width: 1_280, height: 1_380 };

const server = await playedHour();
const url = await server.listen({ port: 0 });
const browser = await openBrowser();
for (const colorScheme of ['light', 'dark'] as const) {
  const page = await browser.newPage({ colorScheme, viewport: SIZE });
  await page.goto(`${url}/status?id=02JH8H2FE3Q3T00E`);
  await page.waitForSelector('#stale canvas');
  const path = fileURLToPath(new URL(`../docs/pictures/status-${colorScheme}.png`, import.meta.url));
  await page.screenshot({ path });
  await page.close();
  console.log(`docs/pictures/status-${colorScheme}.png written`);
}
await browser.close();
await server.close();
