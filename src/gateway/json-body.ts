import { isUtf8 } from 'node:buffer';
import type { HttpAnswer } from './exchange.ts';

const BYTE_ORDER_MARK = '\uFEFF';

/** What a body came to: its text and the value parsed from it, or a code for what is wrong with it. */
export type JsonBody =
  | { readonly ok: true; readonly text: string; readonly value: unknown }
  | { readonly ok: false; readonly detail: string };

/** Reads a body that must be plain JSON in UTF-8 and say so. Never throws. */
export function jsonBody(answer: HttpAnswer): JsonBody {
  if (!isJsonType(answer.headers['content-type'])) return { ok: false, detail: 'CONTENT_TYPE' };
  if (!isIdentity(answer.headers['content-encoding'])) return { ok: false, detail: 'CONTENT_ENCODING' };
  const text = utf8(answer.body);
  if (text === null) return { ok: false, detail: 'NOT_UTF8' };
  try {
    return { ok: true, text, value: JSON.parse(text) };
  } catch {
    return { ok: false, detail: 'NOT_JSON' };
  }
}

function isJsonType(header: unknown): boolean {
  if (header === 'application/json') return true;
  if (typeof header !== 'string') return false;
  const [type, ...parameters] = header.toLowerCase().split(';');
  const charsets = parameters.map((parameter) => parameter.trim()).filter((parameter) => parameter.startsWith('charset='));
  return type?.trim() === 'application/json' && charsets.every((charset) => /^charset=("utf-8"|utf-8)$/.test(charset));
}

/** We ask for no compression, so a compressed body is somebody else's. */
function isIdentity(header: unknown): boolean {
  return header === undefined || (typeof header === 'string' && header.trim().toLowerCase() === 'identity');
}

function utf8(body: Uint8Array): string | null {
  if (!isUtf8(body)) return null;
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}
