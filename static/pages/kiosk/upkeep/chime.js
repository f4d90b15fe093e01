// @ts-check
/** A bell for each call, made out of tones. Between two rings the sound card may sleep. */

const BoardChime = (function () {
  "use strict";

  const TONES_HZ = [880, 1175, 1568];
  const TONE_S = 0.18;
  const TOUCHES = ["click", "touchend", "keydown"];

  /** @param {AudioContext} audio @param {() => void} onEnd */
  function play(audio, onEnd) {
    TONES_HZ.forEach(function (frequency, index) {
      const tone = audio.createOscillator();
      const gain = audio.createGain();
      const at = audio.currentTime + index * TONE_S;
      tone.frequency.value = frequency;
      gain.gain.setValueAtTime(0.3, at);
      gain.gain.exponentialRampToValueAtTime(0.001, at + 2 * TONE_S);
      tone.connect(gain);
      gain.connect(audio.destination);
      tone.start(at);
      tone.stop(at + 2 * TONE_S);
      if (index === TONES_HZ.length - 1) tone.onended = onEnd;
    });
  }

  /** @param {(needsTouch: boolean) => void} onChange  needsTouch: the browser lets no page make a sound before a touch
   * @returns {{ring: () => void}} */
  function create(onChange) {
    const Audio = window.AudioContext || /** @type {any} */ (window).webkitAudioContext;
    if (!Audio) return { ring() {} };
    const audio = /** @type {AudioContext} */ (new Audio());
    let isAllowed = false;
    let ringing = 0;

    function look() {
      if (isAllowed || audio.state !== "running") return;
      isAllowed = true;
      onChange(false);
      audio.suspend();
    }
    function end() {
      ringing -= 1;
      if (!ringing) audio.suspend();
    }
    function touch() {
      if (!isAllowed) audio.resume();
    }

    onChange(true);
    audio.onstatechange = look;
    TOUCHES.forEach((type) => document.addEventListener(type, touch, true));
    look();
    return {
      ring() {
        if (!isAllowed) return;
        ringing += 1;
        audio.resume().then(() => play(audio, end), () => {
          ringing -= 1;
        });
      },
    };
  }

  return { create };
})();
