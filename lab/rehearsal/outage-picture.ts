import { type OutageCourse, spanFor } from './outage-course.ts';
import type { RehearsalName } from './rehearsal-report.ts';
import { modeText } from './report-text.ts';
import { area, type Box, box, grouped, label, line, svgOf } from './svg.ts';

const WIDTH = 800;
/** Names and counts stand to the left of what is drawn over time. */
const LEFT = 210;
const RIGHT = WIDTH - 24;
const TOP = 74;
const GAP = 26;
const CURVE_HEIGHT = 64;
const BARS_HEIGHT = 110;
const ROW_HEIGHT = 18;
const MOST_TICKS = 8;
/** No server's name may run into its row. */
const MOST_LETTERS = 24;

/** An outage over time: who lives, which Chat Server is down, what was answered, what was sent. The same course gives the same bytes. */
export function outagePicture(name: RehearsalName, course: OutageCourse): string {
  const panels = [
    curve(course, 'Chats alive', 'living'),
    curve(course, 'Ghosts', 'ghosts'),
    servers(course),
    bars(course, 'Answers', ANSWERS, course.answers),
    bars(course, 'Messages sent', MESSAGES, course.messages),
  ];
  const drawn: string[] = [];
  let y = TOP;
  for (const { height, draw } of panels) {
    drawn.push(...draw(y));
    y += height + GAP;
  }
  const title = `${name.scenario}: policy ${name.policy}${modeText(name) || ', watched'}`;
  const heading = [
    label(16, 28, title, 'head large'),
    label(
      16,
      50,
      `onChatServerDown ${name.onChatServerDown}, seed ${name.seed}. A ghost: the customer is gone, and nothing stopped the chat.`,
      'quiet',
    ),
  ];
  const body = [...heading, ...timeAxis(course, TOP - 8, y - GAP + 4), ...drawn];
  return svgOf({ width: WIDTH, height: y + 10, title, description: inWords(course), body });
}

/** One part of the picture, as wide as the time. */
interface Panel {
  readonly height: number;
  draw(y: number): readonly string[];
}

function xOf({ endMs }: OutageCourse, atMs: number): number {
  return LEFT + ((RIGHT - LEFT) * Math.min(atMs, endMs)) / endMs;
}

function timeAxis(course: OutageCourse, top: number, bottom: number): readonly string[] {
  const stepMs = spanFor(course.endMs, MOST_TICKS);
  const ticks = Array.from({ length: Math.floor(course.endMs / stepMs) + 1 }, (_, n) => n * stepMs);
  return ticks.flatMap((atMs) => [
    line(xOf(course, atMs), top, xOf(course, atMs), bottom, 'grid'),
    label(xOf(course, atMs), bottom + 16, timeText(atMs, stepMs), 'quiet middle'),
  ]);
}

/** @param stepMs how far apart such moments are: none needs to be more exact. */
function timeText(atMs: number, stepMs: number): string {
  return stepMs % 60_000 === 0 ? `${atMs / 60_000} min` : `${atMs / 1_000} s`;
}

function curve(course: OutageCourse, words: string, of: 'living' | 'ghosts'): Panel {
  const counts = course.chats.map((chats) => chats[of]);
  const most = counts.reduce((a, b) => Math.max(a, b), 0);
  const kind = of === 'living' ? 'living' : 'ghost';
  return {
    height: CURVE_HEIGHT,
    draw(y) {
      const floor = y + CURVE_HEIGHT;
      const points = course.chats.map(
        ({ atMs, [of]: count }) => [xOf(course, atMs), floor - (CURVE_HEIGHT * count) / Math.max(1, most)] as const,
      );
      const last = points.at(-1)?.[0] ?? LEFT;
      return [
        label(16, y + 12, words, 'head'),
        label(16, y + 30, `most ${grouped(most)}`, 'quiet'),
        label(16, y + 46, `at the end ${grouped(counts.at(-1) ?? 0)}`, 'quiet'),
        area([[LEFT, floor], ...points, [last, floor]], kind),
        line(LEFT, floor, RIGHT, floor, 'axis'),
      ];
    },
  };
}

/** Who is up is a thin line, who is down a thick one: colour is not needed to tell them apart. */
function servers(course: OutageCourse): Panel {
  const row = ({ name, troubles }: OutageCourse['servers'][number], y: number): readonly string[] => [
    label(16, y + 13, cut(name)),
    box({ x: LEFT, y: y + 8, width: RIGHT - LEFT, height: 2 }, 'up', name),
    ...troubles
      .filter(({ fromMs }) => fromMs < course.endMs)
      .flatMap(({ what, fromMs, toMs }) => {
        const place: Box = { x: xOf(course, fromMs), y: y + 2, width: widthOf(course, fromMs, toMs), height: ROW_HEIGHT - 4 };
        const told = `${name}: ${what} from ${fromMs / 1_000} s${toMs === Number.POSITIVE_INFINITY ? ' on' : ` to ${toMs / 1_000} s`}`;
        return [box(place, what === 'down' ? 'down' : 'away', told)];
      }),
  ];
  return {
    height: ROW_HEIGHT * (course.servers.length + 1),
    draw: (y) => [
      label(16, y + 12, 'Chat Servers', 'head'),
      label(LEFT, y + 12, `thin: up. thick: ${kindsIn(course).join(', ') || 'none was'}`, 'quiet'),
      ...course.servers.flatMap((server, n) => row(server, y + ROW_HEIGHT * (n + 1))),
    ],
  };
}

function widthOf(course: OutageCourse, fromMs: number, toMs: number): number {
  return Math.max(1, xOf(course, toMs) - xOf(course, fromMs));
}

function kindsIn({ servers: rows }: OutageCourse): readonly string[] {
  return [...new Set(rows.flatMap(({ troubles }) => troubles.map(({ what }) => what)))];
}

function cut(name: string): string {
  return name.length <= MOST_LETTERS ? name : `${name.slice(0, MOST_LETTERS - 1)}…`;
}

/** What is stacked in a bar, from the bottom: its count's key, its colour, its words. */
type Stack<K extends string> = readonly { readonly key: K; readonly kind: string; readonly words: string }[];

const ANSWERS = [
  { key: 'livingStopped', kind: 'cut', words: 'living, stopped' },
  { key: 'deadRouted', kind: 'ghost', words: 'ghosts, routed' },
  { key: 'deadStopped', kind: 'saved', words: 'ghosts, stopped' },
  { key: 'livingRouted', kind: 'living', words: 'living, routed' },
] as const;
const MESSAGES = [
  { key: 'toServerDown', kind: 'down', words: 'to a server that is down' },
  { key: 'others', kind: 'living', words: 'others' },
] as const;

type Counted<K extends string> = Readonly<Record<K | 'fromMs', number>>;

function bars<K extends string>(course: OutageCourse, words: string, stack: Stack<K>, spans: readonly Counted<K>[]): Panel {
  const most = spans.reduce((peak, span) => Math.max(peak, ...[stack.reduce((sum, { key }) => sum + span[key], 0)]), 1);
  const bar = (span: Counted<K>, floor: number): readonly string[] => {
    let top = floor;
    return stack.flatMap(({ key, kind, words: what }) => {
      if (span[key] === 0) return [];
      const height = (BARS_HEIGHT * span[key]) / most;
      top -= height;
      const [x, width] = [xOf(course, span.fromMs), widthOf(course, span.fromMs, span.fromMs + course.spanMs)];
      return [box({ x, y: top, width, height }, kind, `${words}, ${what}, from ${span.fromMs / 1_000} s: ${grouped(span[key])}`)];
    });
  };
  return {
    height: BARS_HEIGHT,
    draw: (y) => [
      label(16, y + 12, words, 'head'),
      ...stack.flatMap(({ key, kind, words: what }, n) => [
        box({ x: 16, y: y + 22 + 18 * n, width: 10, height: 10 }, kind, what),
        label(32, y + 31 + 18 * n, `${grouped(sumOf(spans, key))} ${what}`, 'quiet'),
      ]),
      label(16, y + 34 + 18 * stack.length, `at most ${grouped(most)} in ${course.spanMs / 1_000} s`, 'quiet'),
      ...spans.flatMap((span) => bar(span, y + BARS_HEIGHT)),
      line(LEFT, y + BARS_HEIGHT, RIGHT, y + BARS_HEIGHT, 'axis'),
    ],
  };
}

function sumOf<K extends string>(spans: readonly Counted<K>[], key: K): number {
  return spans.reduce((sum, span) => sum + span[key], 0);
}

function inWords(course: OutageCourse): string {
  const last = course.chats.at(-1);
  const troubles = course.servers.flatMap(({ name, troubles: own }) =>
    own.map(({ what, fromMs }) => `${name}: ${what} from ${fromMs / 1_000} s on`),
  );
  const [answers, messages] = [
    ANSWERS.map(({ key, words }) => `${grouped(sumOf(course.answers, key))} ${words}`),
    MESSAGES.map(({ key, words }) => `${grouped(sumOf(course.messages, key))} ${words}`),
  ];
  return [
    `Over ${Math.round(course.endMs / 1_000)} s. ${troubles.length === 0 ? 'Nothing goes down' : troubles.slice(0, 10).join('; ')}.`,
    `Answers: ${answers.join(', ')}. Messages sent: ${messages.join(', ')}.`,
    `At the end ${grouped(last?.living ?? 0)} chats live and ${grouped(last?.ghosts ?? 0)} ghosts are left.`,
  ].join(' ');
}
