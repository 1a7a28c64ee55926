import type { EspRequest } from '../probe/esp.ts';
import { APP_TYPE, METHOD, SERVICE } from '../probe/esp.ts';

/** Text that is the same between the quotes of JSON. */
const PLAIN_TEXT = /^[\w .[\]-]*$/;

/**
 * The `Request3rdServer` of a request as JSON. Put together by hand, for it is made for every message, and
 * `JSON.stringify` takes four times as long over the nested object.
 */
export function requestJson({ referenceId, appName, messageText, messageType, visibility, userData }: EspRequest): string {
  const name = appName === null ? '' : `"AppName":${quoted(appName)},`;
  const type = messageType === null ? '' : `,"MessageType":${quoted(messageType)}`;
  const parameters = `{"MessageText":${quoted(messageText)},"Visibility":${quoted(visibility)}${type}}`;
  const request = `{${name}"AppType":"${APP_TYPE}","Service":"${SERVICE}","Method":"${METHOD}","Parameters":${parameters}}`;
  return `{"messageName":"Request3rdServer","referenceId":${referenceId},"request":${request},"userData":${JSON.stringify(userData)}}`;
}

function quoted(text: string): string {
  return PLAIN_TEXT.test(text) ? `"${text}"` : JSON.stringify(text);
}
