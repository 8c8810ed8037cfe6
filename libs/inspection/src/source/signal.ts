/** One thing that a source file does or mentions. Alone it means little; rules combine them. */
export interface Signal {
  kind: SignalKind;
  /** Position in the text. */
  start: number;
  /** From 1; known once the file is left behind. */
  line?: number;
  /** The text seen, for instance the address or the path. */
  detail: string;
}

export type SignalKind =
  /** Sends or fetches over a network. */
  | 'network'
  /** Looks up a host name that is put together at run time. */
  | 'dns-built'
  /** Starts another program. */
  | 'spawn'
  | 'write-file'
  | 'chmod'
  /** Runs text as code. */
  | 'dynamic-code'
  /** Names a file in which credentials are kept. */
  | 'credential-file'
  /** Reads an environment variable that holds a credential. */
  | 'credential-env'
  /** Sends what is made of credentials, the whole environment or a file of settings. */
  | 'sends-secret'
  /** Hands a secret to another file of the package, which the detail names. */
  | 'gives-secret'
  /** Hands what one file gives (first in the detail) to another (second), or sends it off. */
  | 'passes-on'
  /** Records keys, the screen or the clipboard. */
  | 'input-capture'
  /** Takes the whole environment. */
  | 'env-sweep'
  /** Looks through the whole environment for some variables. */
  | 'env-search'
  /** Address of a cloud's instance metadata. */
  | 'metadata-address'
  /** Host name, user name, addresses of the machine. */
  | 'host-info'
  /** A drop of one's own at a messenger, with its secret. */
  | 'drop-webhook'
  /** A service for catching requests, tunnels, paste sites. */
  | 'drop-site'
  /** A service where everybody can leave messages, without a secret filled in. */
  | 'public-inbox'
  /** URL with an address instead of a host name. */
  | 'raw-address'
  /** A command that downloads and runs. */
  | 'download-pipe'
  /** Publishes to a package registry. */
  | 'publish'
  | 'home-folder';
