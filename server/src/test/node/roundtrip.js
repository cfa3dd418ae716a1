// A full client in plain gRPC: creates a topic, publishes records one by one and as a stream, reads
// them back by subscription, and prints what it saw as one line of JSON.
//
//   node roundtrip.js HOST:PORT PROTO_DIR TOPIC
'use strict';

const path = require('node:path');
const grpc = require('@grpc/grpc-js');
const protoLoader = require('@grpc/proto-loader');

const [address, protoDir, topic] = process.argv.slice(2);
const definitions = protoLoader.loadSync(
  ['pubsub.proto', 'metadata.proto'].map((file) => path.join(protoDir, 'highwater/v1', file)),
  { includeDirs: [protoDir], keepCase: true, longs: Number, enums: String, defaults: true, oneofs: true });
const { v1 } = grpc.loadPackageDefinition(definitions).highwater;
const credentials = grpc.credentials.createInsecure();
const pubSub = new v1.PubSubService(address, credentials);
const admin = new v1.TopicAdminService(address, credentials);

const unary = (client, method, request) => new Promise((resolve, reject) => {
  const deadline = Date.now() + 20_000;
  client[method](request, { deadline }, (error, reply) => (error ? reject(error) : resolve(reply)));
});

const record = (key, value) => ({
  key: key === null ? undefined : Buffer.from(key),
  value: Buffer.from(value),
  headers: [{ key: 'client', value: Buffer.from('node') }],
});

function publishStream(requests) {
  return new Promise((resolve, reject) => {
    const replies = [];
    const call = pubSub.publishStream();
    call.on('data', (reply) => replies.push(reply.published));
    call.on('error', reject);
    call.on('end', () => resolve(replies));
    requests.forEach((publish) => call.write({ publish }));
    call.end();
  });
}

function subscribe(expected) {
  return new Promise((resolve, reject) => {
    const records = [];
    const caughtUp = new Set();
    const call = pubSub.subscribe();
    const timer = setTimeout(() => reject(new Error(`only ${records.length} records`)), 20_000);
    call.on('error', (error) => (error.code === grpc.status.CANCELLED ? undefined : reject(error)));
    call.on('data', (frame) => {
      if (frame.frame === 'records') {
        for (const { offset, record: { key, value, headers } } of frame.records.records) {
          records.push({
            partition: frame.records.partition,
            offset,
            key: key && key.toString(),
            value: value.toString('latin1'),
            header: headers[0].value.toString(),
          });
        }
        call.write({ credit: { records: records.length + 5 } });
      } else if (frame.frame === 'caught_up') {
        caughtUp.add(frame.caught_up.partition);
      }
      if (records.length >= expected && caughtUp.size > 0) {
        clearTimeout(timer);
        call.cancel();
        resolve({ records, caughtUp: caughtUp.size });
      }
    });
    call.write({ start: { topic, from: { earliest: true }, credit: { records: 5 } } });
  });
}

async function main() {
  await unary(admin, 'createTopic', { name: topic, partitions: 2, replication_factor: 1 });
  const binary = Buffer.from([0, 1, 0xff, 0xfe]).toString('latin1');
  const published = await unary(pubSub, 'publish', {
    topic,
    acks: 'ACKS_ALL',
    records: [record('k1', 'first'), record('k2', 'second'), { ...record('k1', ''), value: Buffer.from(binary, 'latin1') }],
  });
  const streamed = await publishStream(
    Array.from({ length: 20 }, (_, i) => ({ topic, partition: 1, acks: 'ACKS_LEADER', records: [record(null, `s${i}`)] })));
  let unknownTopic = null;
  try {
    await unary(pubSub, 'publish', { topic: 'no-such-topic', records: [record(null, 'x')] });
  } catch (error) {
    unknownTopic = error.metadata.get('highwater-error')[0];
  }
  const { records, caughtUp } = await subscribe(23);
  console.log(JSON.stringify({ receipts: published.receipts, streamed, unknownTopic, records, caughtUp }));
  pubSub.close();
  admin.close();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
