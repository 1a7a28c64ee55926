import { APP_TYPE, METHOD, SERVICE, type UserData } from '../../src/probe/esp.ts';

/** A `Request3rdServer` as JSON. */
export interface EspMessage {
  readonly messageName: 'Request3rdServer';
  readonly referenceId: number;
  readonly request: EspMessageRequest;
  readonly userData: UserData;
}

export interface EspMessageRequest {
  readonly AppName?: string;
  readonly AppType: string;
  readonly Service: string;
  readonly Method: string;
  readonly Parameters: Readonly<Record<string, string>>;
}

export interface MessageParts {
  readonly referenceId: number;
  /** Chat Server to ask, null to ask by type. */
  readonly server: string | null;
  readonly interactionId: string;
  /** User-data keys that carry the id. */
  readonly idKeys: readonly string[];
  readonly text: string;
}

/** The message that the service sends: for supervisors only. */
export function espMessage({ referenceId, server, interactionId, idKeys, text }: MessageParts): EspMessage {
  return {
    messageName: 'Request3rdServer',
    referenceId,
    request: {
      ...(server === null ? {} : { AppName: server }),
      AppType: APP_TYPE,
      Service: SERVICE,
      Method: METHOD,
      Parameters: { MessageText: text, Visibility: 'VIP' },
    },
    userData: Object.fromEntries(idKeys.map((key) => [key, interactionId])),
  };
}
