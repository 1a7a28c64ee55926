import { expect, it } from 'vitest';
import { APP_TYPE, METHOD, SERVICE } from '../../src/probe/esp.ts';

it('the message goes to the application type, service and method that the vendor documents', () => {
  expect([APP_TYPE, SERVICE, METHOD]).toEqual(['ChatServer', 'Chat', 'Message']);
});
