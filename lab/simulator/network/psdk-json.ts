import type { EspReply, EspRequest } from '../../../src/probe/esp.ts';
import { APP_TYPE, METHOD, SERVICE, VISIBILITIES } from '../../../src/probe/esp.ts';
import { FieldReader } from './field-reader.ts';

/** What a body turned out to be. The problems name the field and the rule, one each. */
export type DecodedRequest =
  | { readonly ok: true; readonly request: EspRequest }
  | { readonly ok: false; readonly problems: readonly string[] };

/** A message as the Platform SDK serialises it: its name and its attributes in lowerCamelCase. */
export interface PsdkReply {
  readonly messageName: 'Event3rdServerResponse' | 'Event3rdServerFault' | 'EventError';
  readonly referenceId: number;
  readonly [attribute: string]: unknown;
}

/**
 * Reads the JSON form of `Request3rdServer`. Strict: an unknown attribute is a problem too, since a
 * misspelt `AppName` would quietly ask another Chat Server. Never throws.
 */
export function decodeRequest(json: unknown): DecodedRequest {
  const reader = new FieldReader();
  const body = reader.fields(json, 'body', ['messageName', 'referenceId', 'request', 'userData']);
  if (body === null) return { ok: false, problems: reader.problems };
  reader.choice(body['messageName'], 'messageName', ['Request3rdServer']);
  const referenceId = reader.referenceId(body['referenceId'], 'referenceId');

  const asked = reader.fields(body['request'], 'request', ['AppName', 'AppType', 'Service', 'Method', 'Parameters']) ?? {};
  const appName = reader.optionalText(asked['AppName'], 'request.AppName');
  reader.choice(asked['AppType'], 'request.AppType', [APP_TYPE]);
  reader.choice(asked['Service'], 'request.Service', [SERVICE]);
  reader.choice(asked['Method'], 'request.Method', [METHOD]);

  const path = 'request.Parameters';
  const parameters = reader.fields(asked['Parameters'], path, ['MessageText', 'MessageType', 'Visibility']) ?? {};
  const messageText = reader.text(parameters['MessageText'], `${path}.MessageText`);
  const messageType = reader.optionalText(parameters['MessageType'], `${path}.MessageType`);
  // Chat Server's own default is ALL.
  const visibility = reader.choice(parameters['Visibility'] ?? 'ALL', `${path}.Visibility`, VISIBILITIES);
  const userData = reader.userData(body['userData'], 'userData');

  if (reader.problems.length > 0) return { ok: false, problems: reader.problems };
  return { ok: true, request: { referenceId, appName, messageText, messageType, visibility, userData } };
}

/** Writes a reply in its JSON form. What the reply does not have is left out. */
export function encodeReply(reply: EspReply): PsdkReply {
  const { referenceId } = reply;
  switch (reply.kind) {
    case 'response':
      return {
        messageName: 'Event3rdServerResponse',
        referenceId,
        request: { Service: SERVICE, Method: METHOD },
        ...given('userData', reply.userData),
      };
    case 'fault':
      return {
        messageName: 'Event3rdServerFault',
        referenceId,
        request: {
          ...given('Service', reply.service),
          Method: METHOD,
          Parameters: { ...given('FaultCode', reply.faultCode), ...given('FaultString', reply.faultString) },
        },
        ...given('userData', reply.userData),
      };
    case 'error':
      return {
        messageName: 'EventError',
        referenceId,
        errorCode: reply.errorCode,
        ...given('errorMessage', reply.errorMessage),
      };
  }
}

function given(name: string, value: unknown): Readonly<Record<string, unknown>> {
  return value === null ? {} : { [name]: value };
}
