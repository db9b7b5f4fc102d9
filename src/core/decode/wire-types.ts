// Wire types of protobuf (protobuf.dev/programming-guides/encoding). Constants only: the scanner's kernel reads this file too.

export const VARINT = 0;
export const FIXED64 = 1;
export const LENGTH_DELIMITED = 2;
export const FIXED32 = 5;
