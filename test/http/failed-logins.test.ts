import { describe, expect, it } from 'vitest';
import {
  addressKey,
  createFailedLogins,
  MAX_ADDRESSES,
  MAX_FAILED_LOGINS_PER_MINUTE,
  SLOWED_TRIAL_MS,
} from '../../src/http/failed-logins.ts';

describe('what counts as one address', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:0:0:ffff::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['', ''],
  ])('%s is %s', (address, key) => expect(addressKey(address)).toBe(key));
});

describe('an address', () => {
  function counted() {
    const clock = { ms: 0 };
    const failures = createFailedLogins(() => clock.ms);
    const fail = (times: number, address = 'a') => {
      for (let n = 0; n < times; n += 1) failures.add(address);
    };
    return { clock, failures, fail };
  }

  it('waits once it failed too often, for the rest of the minute, and no other does', () => {
    const { clock, failures, fail } = counted();
    fail(MAX_FAILED_LOGINS_PER_MINUTE);
    expect(failures.waitMs('a')).toBe(0);
    clock.ms = 20_000;
    fail(1);
    expect([failures.waitMs('a'), failures.waitMs('b')]).toEqual([40_000, 0]);
    clock.ms = 60_000;
    expect(failures.waitMs('a')).toBe(0);
  });

  it('does not wait for what was taken back', () => {
    const { failures, fail } = counted();
    fail(MAX_FAILED_LOGINS_PER_MINUTE + 1);
    failures.takeBack('a');
    expect(failures.waitMs('a')).toBe(0);
  });

  it('that waits may try something new once a second, before that as often as it likes', () => {
    const { clock, failures, fail } = counted();
    fail(1);
    expect([failures.mayTry('a'), failures.mayTry('a')]).toEqual([true, true]);
    fail(MAX_FAILED_LOGINS_PER_MINUTE);
    expect([failures.mayTry('a'), failures.mayTry('a')]).toEqual([true, false]);
    clock.ms = SLOWED_TRIAL_MS;
    expect([failures.mayTry('a'), failures.mayTry('a')]).toEqual([true, false]);
  });

  it('is forgotten where there are too many, the one that failed first', () => {
    const { failures, fail } = counted();
    fail(MAX_FAILED_LOGINS_PER_MINUTE + 1, 'first');
    fail(MAX_FAILED_LOGINS_PER_MINUTE + 1, 'second');
    for (let n = 0; n < MAX_ADDRESSES - 1; n += 1) failures.add(`n${n}`);
    expect([failures.waitMs('first') > 0, failures.waitMs('second') > 0]).toEqual([false, true]);
  });
});
