// A message centre of an operator: the npm package smpp as a server, told what to do by lines of JSON on stdin, telling
// what happens by lines of JSON on stdout. Octets are hex.
//
//   {"do": "deliver", "tag": 1, "pdu": {…}}    deliver_sm
//   {"do": "flood", "count": 2000, "window": 10, "text": "…"}   so many messages, each from another phone and delivered
//                                              again until it is taken, as an operator does; told at the end
//   {"do": "answer", "with": [88, "silence", "cut"], "to": "923…"}   how the next submits (to that number, or to anybody)
//                                              are answered: status, nothing, cut
//   {"do": "cut"}                              cut all connections
//   {"do": "deaf"}                             no enquire_link is answered any more
//
// Each command is told as obeyed, so that what a test does next comes after it.
const readline = require('readline');
const smpp = require('smpp');

const [systemId, password] = process.argv.slice(2);
const OCTETS = ['short_message', 'message_payload', 'its_session_info'];
const sessions = new Set();
let answers = { with: [] };
let deaf = false;
let taken = 0;

const tell = (event) => process.stdout.write(JSON.stringify(event) + '\n');

function submitted(session, pdu) {
  const meant = !answers.to || answers.to === pdu.destination_addr;
  const how = meant && answers.with.length ? answers.with.shift() : 0;
  const { message } = pdu.short_message;
  tell({
    event: 'submitted', how, to: pdu.destination_addr, ton: pdu.dest_addr_ton, npi: pdu.dest_addr_npi,
    sender: pdu.source_addr, coding: pdu.data_coding, esm_class: pdu.esm_class, receipt: pdu.registered_delivery,
    validity: pdu.validity_period, udh: (pdu.short_message.udh || []).map((each) => each.toString('hex')),
    text: Buffer.isBuffer(message) ? message.toString('hex') : message,
    id: how === 0 || how === 'silence' ? (taken + 1).toString(16).padStart(8, '0') : '',
    operation: pdu.ussd_service_op, session: pdu.its_session_info && pdu.its_session_info.toString('hex'), service: pdu.service_type,
  });
  if (how === 'cut') return session.destroy();
  if (how === 0 || how === 'silence') taken += 1;
  if (how === 'silence') return undefined;
  const id = how === 0 ? taken.toString(16).padStart(8, '0') : '';
  return session.send(pdu.response({ command_status: how, message_id: id }));
}

const server = smpp.createServer((session) => {
  session.on('error', () => {});
  session.on('close', () => { sessions.delete(session); giveBack(); tell({ event: 'closed' }); });
  session.on('bind_transceiver', (pdu) => {
    const welcome = pdu.system_id === systemId && pdu.password === password;
    session.send(pdu.response({ command_status: welcome ? 0 : smpp.ESME_RINVPASWD }));
    tell({ event: welcome ? 'bound' : 'refused' });
    if (welcome) { sessions.add(session); pump(session); }
  });
  session.on('enquire_link', (pdu) => { if (!deaf) session.send(pdu.response()); });
  session.on('unbind', (pdu) => { session.send(pdu.response(), null, () => session.close()); tell({ event: 'unbound' }); });
  session.on('submit_sm', (pdu) => submitted(session, pdu));
});

function deliver(command) {
  const pdu = { ...command.pdu };
  for (const name of OCTETS) if (name in pdu) pdu[name] = Buffer.from(pdu[name], 'hex');
  for (const session of sessions) {
    session.deliver_sm(pdu, (answer) => tell({ event: 'answered', tag: command.tag, status: answer.command_status }));
    return;
  }
  tell({ event: 'nobody', tag: command.tag });
}

// What waits to be delivered, and what has no answer yet. A connection that ends gives back what it had in hand.
let flood = null;

function pump(session) {
  while (flood && flood.waiting.length && flood.inHand.size < flood.window) {
    const number = flood.waiting.shift();
    flood.inHand.add(number);
    session.deliver_sm({
      source_addr: `92310${String(number).padStart(7, '0')}`, source_addr_ton: 1, source_addr_npi: 1,
      destination_addr: '8398', data_coding: 8, short_message: Buffer.from(`${flood.text} ${number}`, 'utf16le').swap16(),
    }, (answer) => {
      if (!flood.inHand.delete(number)) return;
      if (answer.command_status) flood.waiting.push(number); else flood.taken += 1;
      if (flood.taken % 500 === 0) tell({ event: 'taken', count: flood.taken });
      if (flood.taken === flood.count) tell({ event: 'flooded', seconds: (Date.now() - flood.began) / 1000 });
      pump(session);
    });
  }
}

function giveBack() {
  if (flood) { flood.waiting.unshift(...flood.inHand); flood.inHand.clear(); }
}

function begin(command) {
  const waiting = Array.from({ length: command.count }, (_, number) => (command.from || 0) + number);
  flood = { ...command, waiting, inHand: new Set(), taken: 0, began: Date.now() };
  sessions.forEach(pump);
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const command = JSON.parse(line);
  if (command.do === 'deliver') deliver(command);
  if (command.do === 'flood') begin(command);
  if (command.do === 'answer') answers = command;
  if (command.do === 'deaf') deaf = true;
  if (command.do === 'cut') for (const session of sessions) session.destroy();
  tell({ event: 'obeyed' });
}).on('close', () => process.exit(0));

server.listen(0, '127.0.0.1', function listening() { tell({ event: 'listening', port: this.address().port }); });
