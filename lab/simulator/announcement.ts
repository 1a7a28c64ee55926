import type { DemoChat } from './demo-world.ts';
import { DEMO_CHATS } from './demo-world.ts';
import type { Playing } from './playback.ts';

const CHATS: readonly DemoChat[] = Object.values(DEMO_CHATS);

/**
 * What the simulator says when it has started: where it listens, whether it can be steered, what is played. Ends with a
 * line break.
 */
export function announcement(url: string, playing: Playing, isSteerable: boolean): string {
  const steering = isSteerable ? `Steer it under ${url}/sim` : 'It cannot be steered: beyond loopback that needs --control';
  return [`Simulator of Interaction Server, listening on ${url}`, steering, ...linesOn(playing), ''].join('\n');
}

function linesOn({ name, seed, chats, scenario }: Playing): readonly string[] {
  if (scenario === null)
    return ['Interactions to try:', ...CHATS.map(({ id, chatServer, shows }) => `  ${id}  on ${chatServer}: ${shows}`)];
  return [
    `Scenario ${name}, seed ${seed}: ${scenario.description.trim()}`,
    `Interactions to try: the ${chats} from chat-000001 on, on ${scenario.chatServers.join(', ')}`,
  ];
}
