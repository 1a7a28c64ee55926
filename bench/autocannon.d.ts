/** The part of autocannon that the bench uses; it comes without types. */
declare module 'autocannon' {
  interface LoadRequest {
    readonly method: string;
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  }
  interface LoadOptions {
    readonly url: string;
    readonly connections: number;
    /** In seconds. */
    readonly duration: number;
    /** Called with the body of each answer; those that it does not return true for are counted. */
    readonly verifyBody?: (body: string) => boolean;
    readonly setupClient: (client: { setRequests(requests: readonly LoadRequest[]): void }) => void;
  }
  function autocannon(options: LoadOptions): Promise<unknown>;
  export = autocannon;
}
