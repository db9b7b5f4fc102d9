import { prepareRequests } from '../corpora.ts';
import { byteRate, figureLine, type Line, nanosPerRecord, ratioLine, recordRate } from '../line.ts';
import { alternate, nodeSubject } from '../rounds.ts';
import type { Row } from '../row.ts';
import type { Form } from '../subjects/decoding.ts';
import { SHORT_504 } from './stage1.ts';

const FORMS: readonly Form[] = ['otlp_proto', 'otlp_proto detected', 'otlp_json', 'json lines', 'text lines'];

export const encodingsRow: Row = {
  name: 'encodings',
  about: 'the decoder alone, each form in which records arrive, beside JSON.parse and protobufjs',
  measure: async (context) => {
    const corpus = prepareRequests(SHORT_504);
    const [protobufjs, parse, ...ours] = await alternate(
      [
        nodeSubject('protobufjs', 'protobufjs', { corpus }),
        nodeSubject('JSON.parse', 'parsing', { corpus, form: 'otlp_json' }),
        ...FORMS.map((form) => nodeSubject(`decode ${form}`, 'decoding', { corpus, form })),
      ],
      context,
    );
    const json = ours[FORMS.indexOf('otlp_json')]!;
    const lines: Line[] = [
      ratioLine('encodings.json-parse', 'decode otlp_json : JSON.parse alone', json, parse!, recordRate),
      ratioLine(
        'encodings.json-protobufjs',
        'decode otlp_json : protobufjs reading protobuf',
        json,
        protobufjs!,
        recordRate,
      ),
      ratioLine(
        'encodings.proto-protobufjs',
        'decode otlp_proto : protobufjs',
        ours[0]!,
        protobufjs!,
        recordRate,
      ),
    ];
    for (const timed of [...ours, parse!, protobufjs!]) {
      const id = `encodings.${timed.name}`;
      const megabytes = timed.rounds.map((round) => byteRate(round) / 1e6);
      lines.push(
        figureLine(`${id}.ns`, timed.name, 'ns/record', timed.rounds.map(nanosPerRecord), { better: 'less' }),
        figureLine(`${id}.rate`, timed.name, 'MB/s', megabytes, { better: 'more' }),
      );
    }
    return lines;
  },
};
