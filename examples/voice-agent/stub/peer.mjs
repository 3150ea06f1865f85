// The WebRTC peer of one call: it answers the browser's offer, accepts the data channel and sends audio.
//
// It listens on 127.0.0.1 only. Opus is passed on as it is, never decoded.

import { setTimeout as pause } from 'node:timers/promises';

import {
  MediaStreamTrack,
  RTCPeerConnection,
  RTCRtpCodecParameters,
  RTP_EXTENSION_URI,
  useAudioLevelIndication,
  useSdesMid,
} from 'werift';

import { ApiError } from './errors.mjs';

const LOOPBACK = '127.0.0.1';

/** Settings of ICE that keep every packet on this machine. */
export const LOOPBACK_ONLY = {
  iceUseIpv6: false,
  iceInterfaceAddresses: { udp4: LOOPBACK },
  iceAdditionalHostAddresses: [LOOPBACK],
  // Without a STUN server, the library asks a public one and waits 5 seconds for it: here it asks a port
  // that does not answer, and does not wait.
  iceServers: [{ urls: `stun:${LOOPBACK}:9` }],
  iceStunGatherTimeout: 0,
  bundlePolicy: 'max-bundle',
};

/** The time for the browser to confirm the end of the data channel, in milliseconds. */
const FAREWELL_MS = 1_000;

/**
 * An Opus packet of 20 ms.
 *
 * @typedef {object} Packet
 * @property {Buffer} payload
 * @property {number} level of its sound in -dBov (RFC 6464): 0 is the loudest, 127 is silence
 */

/**
 * Reactions to the browser.
 *
 * @typedef {object} Reactions
 * @property {() => void} opened the data channel is open
 * @property {(text: string) => void} message a message on the data channel
 * @property {(packet: Packet) => Buffer | null} packet returns the Opus packet to send now, if any
 * @property {() => void} left the browser has closed the connection, or it has failed
 */

/** A peer that is connecting or connected. */
export class Peer {
  /** Packets of audio that were received. */
  packetsIn = 0;
  /** Packets of audio that were sent. */
  packetsOut = 0;
  #connection;
  #reactions;
  #channel = null;
  #voice = new MediaStreamTrack({ kind: 'audio' });
  #closing = false;

  /** @param {Reactions} reactions */
  constructor(reactions) {
    this.#reactions = reactions;
    this.#connection = new RTCPeerConnection({
      ...LOOPBACK_ONLY,
      codecs: {
        audio: [new RTCRtpCodecParameters({ mimeType: 'audio/opus', clockRate: 48_000, channels: 2 })],
      },
      headerExtensions: { audio: [useSdesMid(), useAudioLevelIndication()] },
    });
    this.#connection.onRemoteTransceiverAdded.subscribe((transceiver) => this.#hear(transceiver));
    this.#connection.onDataChannel.subscribe((channel) => this.#open(channel));
    this.#connection.connectionStateChange.subscribe((state) => {
      if (state === 'failed' || state === 'closed') this.#leave();
    });
  }

  /** The state of the connection, as in browsers. */
  get state() {
    return this.#connection.connectionState;
  }

  /** True while events can be sent. */
  get channelOpen() {
    return this.#channel?.readyState === 'open';
  }

  /**
   * Accepts an offer. Returns the answer, with the candidates of this machine's loopback interface.
   *
   * @param {string} offer
   * @returns {Promise<string>}
   */
  async answer(offer) {
    try {
      await this.#connection.setRemoteDescription({ type: 'offer', sdp: offer });
      if (!this.#connection.getTransceivers().some(({ kind }) => kind === 'audio')) {
        throw new Error('the offer contains no audio');
      }
      await this.#connection.setLocalDescription(await this.#connection.createAnswer());
    } catch (cause) {
      this.#closing = true;
      await this.#connection.close();
      const message = `Invalid SDP offer. Please try again with a WHIP-compliant offer. (${cause.message})`;
      throw new ApiError(400, message, { code: 'invalid_offer' });
    }
    const lines = this.#connection.localDescription.sdp.split('\r\n');
    return lines
      .filter((line) => !line.startsWith('a=candidate:') || line.includes(` ${LOOPBACK} `))
      .join('\r\n');
  }

  /** Sends a message on the data channel, if it is open. */
  send(text) {
    if (this.channelOpen) this.#channel.send(text);
  }

  /** Ends the connection: first the data channel, so that the last message arrives. */
  async close() {
    this.#closing = true;
    if (this.channelOpen) {
      const channel = this.#channel;
      const confirmed = new Promise((resolve) => {
        channel.stateChanged.subscribe((state) => state === 'closed' && resolve());
      });
      channel.close();
      const limit = new AbortController();
      const waited = pause(FAREWELL_MS, undefined, { signal: limit.signal }).catch(() => {});
      await Promise.race([confirmed, waited]);
      limit.abort();
    }
    await this.#connection.close();
  }

  /** Ends the connection without a word: the browser sees that nothing arrives any more. */
  async vanish() {
    this.#closing = true;
    const protocols = this.#connection.iceTransports.flatMap(({ connection }) => connection.protocols);
    // The library says goodbye when it closes, so its sockets are made mute first.
    for (const { transport } of protocols) transport.send = async () => {};
    await this.#connection.close();
  }

  #hear(transceiver) {
    transceiver.onTrack.subscribe((track) => {
      track.onReceiveRtp.subscribe((rtp, extensions) => this.#pass(rtp, extensions));
    });
    transceiver.setDirection('sendrecv');
    transceiver.sender.replaceTrack(this.#voice);
  }

  /** Passes a received packet on. The packet that is sent for it takes its place in time. */
  #pass(rtp, extensions) {
    this.packetsIn += 1;
    const level = extensions?.[RTP_EXTENSION_URI.audioLevelIndication]?.level ?? 127;
    const payload = this.#reactions.packet({ payload: rtp.payload, level });
    if (!payload || this.#connection.connectionState !== 'connected') return;
    const sent = rtp.clone();
    sent.payload = payload;
    // Packets that are not answered leave no gap, which would look like loss.
    sent.header.sequenceNumber = this.packetsOut & 0xffff;
    this.#voice.writeRtp(sent);
    this.packetsOut += 1;
  }

  #open(channel) {
    if (channel.label !== 'oai-events') return;
    this.#channel = channel;
    channel.onMessage.subscribe((data) => this.#reactions.message(String(data)));
    const react = (state) => {
      if (state === 'open') this.#reactions.opened();
      if (state === 'closed') this.#leave();
    };
    if (channel.readyState === 'open') react('open');
    channel.stateChanged.subscribe(react);
  }

  #leave() {
    if (this.#closing) return;
    this.#closing = true;
    this.#reactions.left();
  }
}
