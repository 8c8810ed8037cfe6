declare module 'seek-bzip' {
  interface Input {
    readByte(): number;
    /** Reads bytes to a place of a buffer. @returns how many. */
    read(buffer: Uint8Array, from: number, length: number): number;
    eof?(): boolean;
    seek?(position: number): void;
  }

  interface Output {
    writeByte(byte: number): void;
  }

  const Bunzip: {
    /** Unpacks one stream, or all of them. Throws for damage. */
    decode(input: Input, output: Output, multistream: boolean): void;
  };
  export default Bunzip;
}
