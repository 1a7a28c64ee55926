import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { createLogger } from '../../src/observers/logger.ts';
import { type RunningService, startService } from '../../src/process/start-service.ts';
import { openBrowser } from '../support/browser.ts';
import { SECRETS } from '../support/secrets.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const LOST = '02JH8H2FE3Q3T00E';
const WHY = 'Stopped: ChatServer_1 says that the session does not exist (fault 100), 3 times in';

let browser: Browser;
/** The demo, as `npm start` has it, on the embedded simulator. */
let service: RunningService;

beforeAll(async () => {
  browser = await openBrowser();
  service = await started({});
  await Promise.all([ask(LOST, 'ChatServer_1'), ask('0006Ka9HFHRR0T2B', 'ChatServer_1')]);
});

async function started(env: Readonly<Record<string, string>>): Promise<RunningService> {
  const loaded = loadConfig({ CHATPROBE_PORT: '0', CHATPROBE_DRAIN_MS: '0', ...env }, () => ({ ok: false, detail: 'ENOENT' }));
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
  const config = { ...loaded.config, server: { ...loaded.config.server, maxEventLoopDelayMs: 60_000 } };
  return startService(config, createLogger('silent', { write: () => undefined }), { version: '0.0.0-test', nodeVersion: 'v0' });
}

afterAll(async () => {
  await browser.close();
  await service.stop();
});

async function ask(id: string, chatServer: string): Promise<void> {
  await fetch(`${service.url}/interactions/${id}/probe?chatServerAppName=${chatServer}`, { method: 'POST' });
}

/** Opens the page, hands it to the test, and fails for whatever the browser complained of: the policy, a script, a file. */
async function onPage(path: string, options: BrowserContextOptions, look: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1_200, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => {
    complaints.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('requestfailed', (request) => {
    if (!request.url().endsWith('/status/events?target=')) complaints.push(`failed: ${request.url()}`);
  });
  await page.goto(`${service.url}/status${path}`);
  await look(page);
  expect(complaints).toEqual([]);
  await context.close();
}

describe('the page in Chromium', () => {
  it('answers by one look why a chat was stopped', async () => {
    await onPage('', {}, async (page) => {
      expect(await page.locator('#stops .explanation').allInnerTexts()).toEqual([expect.stringContaining(WHY)]);
      expect(await page.locator('#headline').innerText()).toContain('made up: a simulator answers');
      expect(await page.locator('#now').innerText()).toMatch(/ChatServer_1\s+default\s+healthy/);
    });
  });

  it('looks a chat up, and shows what that rests on', async () => {
    await onPage('', {}, async (page) => {
      await page.getByLabel('Interaction id').first().fill(LOST);
      await page.getByRole('button', { name: 'Look up' }).click();
      const found = page.locator('#look-up .record');
      expect(await found.locator('.explanation').innerText()).toContain(WHY);
      await found.locator('summary').click();
      expect(await found.getByRole('row', { name: /^3 / }).innerText()).toContain('interaction with specified id was not found');
    });
  });

  it('draws charts of what its table says, beside which they stand', async () => {
    await onPage('', {}, async (page) => {
      await page.waitForSelector('#verdicts canvas');
      const drawn = await page.evaluate(`
        [...document.querySelectorAll('.plot canvas')].map((canvas) => {
          const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
          return data.some((value) => value > 0);
        })`);
      expect(drawn).toEqual([true, true]);
      await page.getByText('The charts as a table').click();
      expect(await page.locator('#minutes-table tbody tr').count()).toBe(60);
    });
  });

  it('tells of an outage while it is looked at, and keeps the keyboard and what was open where they were', async () => {
    await onPage('', {}, async (page) => {
      await page.getByText('Live', { exact: true }).waitFor();
      const summary = page.locator('#stops summary').first();
      await summary.focus();
      await page.keyboard.press('Enter');
      void ask('0000GaBNKN2Q0021', 'ChatServer_2');
      await page.locator('#headline', { hasText: 'ChatServer_2 of default is down' }).waitFor();
      await page.locator('#stops .explanation', { hasText: 'does not find ChatServer_2' }).waitFor();
      expect(await page.locator('#outages').innerText()).toContain('ChatServer_2');
      const focused = await page.evaluate('document.activeElement.closest("details")?.open');
      expect(focused).toBe(true);
      expect(await page.evaluate('document.activeElement.closest("li").innerText')).toContain(LOST);
    });
  });

  it('releases the guard, and shows it', async () => {
    await onPage('', {}, async (page) => {
      await page.getByLabel('For how many minutes').fill('3');
      await page.getByRole('button', { name: 'Release the guard' }).click();
      await page.getByText('The guard of default is released since').waitFor();
      expect(await page.locator('#now').innerText()).toContain('released');
    });
  });

  it('asks about a chat, and shows the answer', async () => {
    await onPage('', {}, async (page) => {
      await page.locator('#ask').getByLabel('Interaction id').fill('0006Ka9HFHRR0T2B');
      await page.getByLabel('Its Chat Server, if known').fill('ChatServer_1');
      await page.getByRole('button', { name: 'Ask', exact: true }).click();
      await page.waitForURL(/id=0006Ka9HFHRR0T2B/);
      expect(await page.locator('#look-up .explanation').first().innerText()).toContain('the message was delivered by way of ChatServer_1');
    });
  });

  it('says everything but charts without a script, and its forms work', async () => {
    await onPage(`?id=${LOST}`, { javaScriptEnabled: false }, async (page) => {
      expect(await page.locator('#look-up .explanation').innerText()).toContain(WHY);
      expect(await page.locator('.charts').isVisible()).toBe(false);
      await page.getByLabel('For how many minutes').fill('2');
      await page.getByRole('button', { name: 'Release the guard' }).click();
      await page.getByText('The guard of default is released since').waitFor();
    });
  });

  it('is text, whatever a caller names a Chat Server', async () => {
    const name = 'Chat <img src=x onerror=alert(1)> & "x" Server';
    await fetch(`${service.url}/interactions/marked-up/probe`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ chatServerAppName: name, isOnline: 0 }),
    });
    await onPage('?id=marked-up', {}, async (page) => {
      await page.getByText('Live', { exact: true }).waitFor();
      expect(await page.locator('#look-up .facts').innerText()).toContain(name);
      await page.locator('#stops .facts', { hasText: name }).waitFor();
      expect(await page.locator('img').count()).toBe(0);
    });
  });

  it('is walked through with the keyboard, each stop seen', async () => {
    await onPage('', {}, async (page) => {
      const stops: unknown[] = [];
      for (let n = 0; n < 60; n += 1) {
        await page.keyboard.press('Tab');
        const stop = await page.evaluate(`(() => {
          const at = document.activeElement;
          const { outlineStyle, outlineWidth } = getComputedStyle(at);
          const name = (at.innerText || at.labels?.[0]?.innerText || at.getAttribute('aria-label') || '').trim();
          return at === document.body ? null : { name, seen: outlineStyle !== 'none' && outlineWidth !== '0px' };
        })()`);
        if (stop === null) break;
        stops.push(stop);
      }
      expect(stops[0]).toEqual({ name: 'Skip to the content', seen: true });
      expect(stops.filter((stop) => !(stop as { seen: boolean }).seen)).toEqual([]);
      expect(stops).toContainEqual({ name: 'Release the guard', seen: true });
      expect(stops).toContainEqual({ name: 'Ask', seen: true });
    });
  });

  it.each([
    ['light', 1_200],
    ['dark', 360],
  ] as const)('has nothing that axe objects to: %s, %d pixels wide', async (colorScheme, width) => {
    await onPage(`?id=${LOST}`, { colorScheme, viewport: { width, height: 800 } }, async (page) => {
      await page.getByText('Live', { exact: true }).waitFor();
      await page.evaluate('for (const details of document.querySelectorAll("details")) details.open = true');
      await page.evaluate(AXE);
      const violations = await page.evaluate(`axe.run().then(({ violations }) =>
        violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ target }) => target.join(' ')).join(', ')))`);
      expect(violations).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth <= document.documentElement.clientWidth')).toBe(true);
    });
  });
});

it('an operator who is logged in acts by the page, and a page of another site does not act by him', async () => {
  const guarded = await started({ CHATPROBE_OPS_TOKEN: SECRETS.opsToken });
  const context = await browser.newContext({ httpCredentials: { username: 'ops', password: SECRETS.opsToken } });
  const page = await context.newPage();
  const guard = async (): Promise<string> => await page.locator('#now tbody tr').first().innerText();
  await page.goto(`${guarded.url}/status`);
  await page.getByText('Live', { exact: true }).waitFor();

  // To a browser this name of the same machine is another site.
  const other = await context.newPage();
  await other.goto(`${guarded.url.replace('127.0.0.1', 'localhost')}/livez`);
  for (const action of ['/status/guard', '/targets/default/guard/release']) {
    await other.evaluate(`{
      const form = document.createElement('form');
      form.method = 'post';
      form.action = '${guarded.url}${action}';
      form.target = '_blank';
      document.body.append(form);
      form.submit();
    }`);
    const opened = await context.waitForEvent('page');
    await opened.waitForLoadState();
    expect(await opened.locator('body').innerText()).toContain('urn:chat-probe:problem:cross_site');
  }
  await page.reload();
  expect(await guard()).toContain('watching');

  await page.getByRole('button', { name: 'Release the guard' }).click();
  await page.getByText('The guard of default is released since').waitFor();
  expect(await guard()).toContain('released');
  await context.close();
  await guarded.stop();
});
