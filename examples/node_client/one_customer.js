// One customer who chats, texts and phones, seen from outside.
//
//     node one_customer.js [HOST:PORT] [NAME]
//
// A bot greets the customer in the web chat and notes what it learns; an agent's desktop
// takes the chat, the text messages and the call that follow it, and is shown each time
// what was said before. Needs a router that runs on examples/policies/sneaker_shop.yaml.

import { randomUUID } from "node:crypto";

import { call, connect, explainFailure, messages } from "./santral.js";

const [address = "127.0.0.1:50051", name = `node-${randomUUID().slice(0, 8)}`] = process.argv.slice(2);
const agentId = "nefeli.karra";
const conversationId = `${name}-sizes`;
const { routing, agents, admin, contexts } = connect(address);
const request_id = () => randomUUID(); // the same id again is the same request

async function main() {
  await call(agents, "SignIn", { request_id: request_id(), agent_id: agentId });
  const updates = messages(agents.WatchOffers({ agent_id: agentId }));
  try {
    await updates.next(); // the snapshot: nothing to do yet
    const customerId = await chat();
    await take(`${name}-chat`, updates);
    await write({ writer: "WRITER_AGENT", agent_id: agentId, summary: { text: "Χρειάζεται νούμερο 43" } });
    await goOn(`${name}-chat`, `${name}-sms`, "CHANNEL_SMS");
    await take(`${name}-sms`, updates);
    await goOn(`${name}-sms`, `${name}-call`, "CHANNEL_VOICE");
    await take(`${name}-call`, updates);
    await call(routing, "CompleteInteraction", { interaction_id: `${name}-call`, wrap_up: {} });
    await printStory(customerId);
    await showARefusal();
    await call(agents, "SetPresence", { agent_id: agentId, presence: "PRESENCE_OFFLINE" });
  } finally {
    await updates.return(); // an open stream would keep this program alive
  }
}

// The web chat: who it is, what a bot found out, and then a place in the line. The
// router recognises the customer by the handle, here and whenever it is given again.
async function chat() {
  const identity = { kind: "IDENTITY_KIND_CHAT_HANDLE", value: name, source: "web-chat" };
  const { customer } = await call(contexts, "LinkIdentity", { request_id: request_id(), identity });
  const interaction_id = `${name}-chat`;
  await write(
    { writer: "WRITER_CUSTOMER", interaction_id, message: { text: "Μου είναι μικρά τα παπούτσια" } },
    customer.customer_id,
  );
  await write({ writer: "WRITER_BOT", agent_id: "bot", interaction_id, fact: { name: "size_now", value: "42" } });
  const { interaction } = await call(routing, "EnqueueInteraction", {
    interaction_id,
    channel: "CHANNEL_CHAT",
    language: "el-GR", // the policy's rules choose the queue
    conversation_id: conversationId,
    identities: [identity],
  });
  if (interaction.customer_id !== customer.customer_id) throw new Error("taken for somebody else");
  console.log(`${interaction_id} waits in ${interaction.queue}`);
  return customer.customer_id;
}

async function write(entry, customer_id) {
  await call(contexts, "AppendContext", {
    request_id: request_id(),
    conversation_id: conversationId,
    customer_id,
    entry,
  });
}

// The desktop: wait for the offer, accept it, and read what came along.
async function take(interactionId, updates) {
  let offer;
  while (offer?.interaction_id !== interactionId) {
    const { value: update, done } = await updates.next();
    if (done) throw new Error("the agent's stream ended before the offer came");
    offer = update.issued; // or a heartbeat, or something older: then undefined or another
  }
  await call(agents, "AcceptOffer", { agent_id: agentId, offer_id: offer.offer_id });
  const { package: known, context_version: version } = offer.context;
  const facts = known.facts.map((fact) => `${fact.name} ${fact.value}`).join(", ");
  console.log(`${interactionId}: ${agentId} knows ${facts}${known.summary && `; ${known.summary}`}`);
  await call(contexts, "AcknowledgeContext", { interaction_id: interactionId, agent_id: agentId, version });
}

async function goOn(interaction_id, successor_interaction_id, channel) {
  await call(routing, "HandOffInteraction", { interaction_id, successor_interaction_id, channel });
}

// The whole story of the customer, oldest first, and the interactions it went over.
async function printStory(customer_id) {
  const { timeline } = await call(contexts, "GetCustomer", {
    customer_id,
    purpose: "READ_PURPOSE_SERVING",
    reader: agentId,
  });
  for (const entry of timeline.reverse()) console.log(`  ${entry.version} ${entry.content}`);
  const { interactions } = await call(routing, "ListLineage", { interaction_id: `${name}-call` });
  console.log(interactions.map(({ interaction_id, state }) => `${interaction_id} ${state.replace("STATE_", "")}`).join(", "));
}

// Whoever writes without knowing how far the context is, is told.
async function showARefusal() {
  const entry = { writer: "WRITER_AGENT", agent_id: agentId, note: { text: "αργά" } };
  try {
    await call(contexts, "AppendContext", { conversation_id: conversationId, expected_version: "1", entry });
  } catch (error) {
    const { code, reason, metadata } = explainFailure(error);
    console.log(`an entry that comes too late: ${code}, ${reason}, the version is ${metadata.current_version}`);
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
