import { describe, expect, it } from 'vitest';
import { parseDockerfile } from '../../tools/dockerfile.ts';

describe('parseDockerfile', () => {
  it('reads the stages in their order, unnamed ones by number', () => {
    const stages = parseDockerfile('FROM node:1 AS build\nFROM node:2');
    expect(stages.map(({ name, base }) => `${name} ${base}`)).toEqual(['build node:1', '1 node:2']);
  });

  it('keeps the steps that make the tree in their order', () => {
    const [stage] = parseDockerfile('FROM a\nWORKDIR /app\nCOPY --from=build --chown=root x y ./\nRUN npm ci --omit=dev');
    expect(stage?.steps).toEqual([
      { step: 'workdir', path: '/app' },
      { step: 'copy', from: 'build', owner: 'root', paths: ['x', 'y'], to: './' },
      { step: 'run', command: 'npm ci --omit=dev' },
    ]);
  });

  it('joins continued lines, past comments between them', () => {
    const [stage] = parseDockerfile('FROM a\nENV A=1 \\\n# why\n    B="two words"');
    expect(stage?.env).toEqual({ A: '1', B: 'two words' });
  });

  it('fills in what ARG and ENV say', () => {
    const [stage] = parseDockerfile(`ARG V=24\nFROM node:\${V}\nARG V\nENV P=$V\nEXPOSE \${P}`);
    expect([stage?.base, stage?.ports]).toEqual(['node:24', ['24']]);
  });

  it('does not see an ARG from before FROM unless the stage asks for it', () => {
    expect(() => parseDockerfile('ARG V=24\nFROM a\nENV P=$V')).toThrow('$V is not set');
  });

  it('reads how the image runs', () => {
    const [stage] = parseDockerfile(
      'FROM a\nUSER node\nSTOPSIGNAL SIGTERM\nHEALTHCHECK --interval=1s CMD ["node", "-e", "1"]\nCMD ["node", "x"]',
    );
    expect(stage).toMatchObject({ user: 'node', stopSignal: 'SIGTERM', healthCheck: ['node', '-e', '1'], command: ['node', 'x'] });
  });

  it.each([
    ['an instruction it does not know', 'FROM a\nVOLUME /x', 'VOLUME'],
    ['an option of COPY it does not know', 'FROM a\nCOPY --link x y', '--link'],
    ['a COPY without a destination', 'FROM a\nCOPY x', 'destination'],
    ['a command in its shell form', 'FROM a\nCMD node x', 'exec form'],
    ['a variable that is not set', 'FROM a\nWORKDIR $HOME', '$HOME is not set'],
    ['RUN as another user', 'FROM a\nUSER node\nRUN id', 'RUN after USER'],
    ['an ENV without a value', 'FROM a\nENV A 1', 'NAME=value'],
    ['a step outside of a stage', 'RUN id', 'before the first FROM'],
    ['an empty file', '# nothing', 'no FROM'],
  ])('refuses %s', (_what, text, because) => {
    expect(() => parseDockerfile(text)).toThrow(because);
  });
});
