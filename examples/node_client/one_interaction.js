// One interaction from arrival to completion, seen from both sides of the router.
//
//     node one_interaction.js [HOST:PORT] [INTERACTION_ID]
//
// A telephony system enqueues a call, an agent's desktop is offered it on its stream,
// accepts and completes it, and the timeline of all that happened is printed. Needs a
// router that runs on examples/policies/bank.yaml.

import { randomUUID } from "node:crypto";

import { call, connect, explainFailure, messages } from "./santral.js";

const [address = "127.0.0.1:50051", interactionId = `call-${randomUUID()}`] = process.argv.slice(2);
const agentId = "zeynep.sahin";
const { routing, agents, admin, contexts } = connect(address);

async function main() {
  // The agent signs in and opens the stream on which offers come. The stream is also
  // the sign of life: without it the agent gets no work.
  const { sequence: before } = await call(agents, "SignIn", {
    request_id: randomUUID(), // the same id again is the same request, answered once
    agent_id: agentId,
  });
  const updates = messages(agents.WatchOffers({ agent_id: agentId }));
  try {
    await updates.next(); // the snapshot: the agent is there, with nothing to do yet

    // The telephony side enqueues. Once this returns, the interaction is on disk.
    const { interaction } = await call(routing, "EnqueueInteraction", {
      interaction_id: interactionId,
      queue: "English Desk",
      channel: "CHANNEL_VOICE",
    });
    if (interaction.end_reason !== "END_REASON_UNSPECIFIED") {
      throw new Error(`${interactionId} has ended already; give another id`);
    }
    console.log(`${interactionId} is taken in by ${interaction.queue}`);

    const end = await handleAtTheDesk(updates);
    await printTimeline(before, end);
    await showARefusal();
    await call(agents, "SetPresence", { agent_id: agentId, presence: "PRESENCE_OFFLINE" });
  } finally {
    await updates.return(); // an open stream would keep this program alive
  }
}

// The agent's desktop: accept the offer, speak with the customer, complete, wrap up.
// Returns the sequence of the last thing that happened.
async function handleAtTheDesk(updates) {
  let offer;
  while (offer?.interaction_id !== interactionId) {
    const { value: update, done } = await updates.next();
    if (done) throw new Error("the agent's stream ended before the offer came");
    offer = update.issued; // or a heartbeat, or something older: then undefined or another
  }
  console.log(`${agentId} is offered it and accepts`);
  await call(agents, "AcceptOffer", { agent_id: agentId, offer_id: offer.offer_id });
  await call(routing, "CompleteInteraction", { interaction_id: interactionId });
  const { sequence } = await call(agents, "EndWrapUp", { interaction_id: interactionId });
  return sequence;
}

// What happened to the interaction between two sequences, from the feed of all events.
async function printTimeline(after, end) {
  let began;
  for await (const { events, sequence } of messages(admin.WatchEvents({ after_sequence: after }))) {
    for (const event of events.filter(({ interaction_id }) => interaction_id === interactionId)) {
      const at = Number(event.time.seconds) * 1000 + event.time.nanos / 1e6;
      began ??= at;
      const kind = event.kind.replace("KIND_", "");
      console.log(`  +${at - began} ms`.padEnd(12), kind.padEnd(21), event.agent_id || "-");
    }
    if (BigInt(sequence) >= BigInt(end)) return;
  }
}

// A refusal has a code, a reason to program against, and the field at fault.
async function showARefusal() {
  try {
    await call(routing, "EnqueueInteraction", {
      interaction_id: randomUUID(),
      queue: "Englisch Desk",
      channel: "CHANNEL_VOICE",
    });
  } catch (error) {
    const { code, reason, fields } = explainFailure(error);
    console.log(`a queue that is not there: ${code}, ${reason}, field ${fields}`);
  }
}

try {
  await main();
} catch (error) {
  const { code, reason, message } = explainFailure(error);
  console.error("failed:", [reason ?? code, message ?? error.message].filter(Boolean).join(" "));
  process.exitCode = 1;
} finally {
  for (const service of [routing, agents, admin, contexts]) service.close();
}
