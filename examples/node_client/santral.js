// A connection to Santral from Node: stubs made from the contract, calls as promises,
// and the details of a failure as plain values.

import path from "node:path";
import { fileURLToPath } from "node:url";

import grpc from "@grpc/grpc-js";
import protoLoader from "@grpc/proto-loader";

const here = path.dirname(fileURLToPath(import.meta.url));
const contract = path.join(here, "..", "..", "proto");

// Ids and sequences are 64 bits wide, which a JavaScript number is not: they stay text.
const definition = protoLoader.loadSync(
  [
    "router/v1/routing_service.proto",
    "router/v1/agent_service.proto",
    "router/v1/admin_service.proto",
    "router/v1/context_service.proto",
    "error_details.proto",
  ],
  { includeDirs: [contract, here], keepCase: true, longs: String, enums: String, defaults: true, oneofs: true },
);
const { router } = grpc.loadPackageDefinition(definition);

export function connect(address) {
  const plain = grpc.credentials.createInsecure();
  return {
    routing: new router.v1.RoutingService(address, plain),
    agents: new router.v1.AgentService(address, plain),
    admin: new router.v1.AdminService(address, plain),
    contexts: new router.v1.ContextService(address, plain),
  };
}

// One call, as a promise. A call without a deadline may wait for ever.
export function call(service, method, request) {
  const deadline = new Date(Date.now() + 10_000);
  return new Promise((resolve, reject) => {
    service[method](request, { deadline }, (error, response) =>
      error ? reject(error) : resolve(response),
    );
  });
}

// The messages of a stream, until the caller has had enough; then the stream is cancelled.
// A stream that is cancelled ends with an error of its own, which is none.
export async function* messages(stream) {
  try {
    yield* stream.iterator({ destroyOnReturn: false });
  } finally {
    stream.on("error", () => {});
    stream.cancel();
  }
}

// What a failed call says: the canonical code, the reason that clients may rely on, the
// fields at fault, and how long to wait before trying again (undefined: do not).
export function explainFailure(error) {
  const failure = {
    code: grpc.status[error.code],
    message: error.details,
    reason: undefined,
    fields: [],
    metadata: {},
    retryAfterMs: undefined,
  };
  const [trailer] = error.metadata?.get("grpc-status-details-bin") ?? [];
  if (trailer === undefined) return failure;
  for (const detail of decode("google.rpc.Status", trailer).details) {
    const name = detail.type_url.split("/").pop();
    if (name === "google.rpc.ErrorInfo") {
      ({ reason: failure.reason, metadata: failure.metadata } = decode(name, detail.value));
    } else if (name === "google.rpc.BadRequest") {
      failure.fields = decode(name, detail.value).field_violations.map(({ field }) => field);
    } else if (name === "google.rpc.RetryInfo") {
      const { seconds, nanos } = decode(name, detail.value).retry_delay;
      failure.retryAfterMs = Number(seconds) * 1000 + nanos / 1e6;
    }
  }
  return failure;
}

function decode(name, bytes) {
  return definition[name].deserialize(bytes);
}
