// @ts-check
const TONES_HZ = [880, 1_175, 1_568];
const TONE_S = 0.18;

/** Make a short bell out of tones, without a sound file. Call `arm` from a tap, because browsers let no page make sound
 * before one. Between two rings the sound card may sleep. */
export function createChime() {
  let audio = /** @type {AudioContext | null} */ (null);

  /** @param {AudioContext} context */
  const play = (context) => {
    TONES_HZ.forEach((frequency, index) => {
      const [tone, gain] = [context.createOscillator(), context.createGain()];
      const at = context.currentTime + index * TONE_S;
      tone.frequency.value = frequency;
      gain.gain.setValueAtTime(0.3, at);
      gain.gain.exponentialRampToValueAtTime(0.001, at + 2 * TONE_S);
      tone.connect(gain).connect(context.destination);
      tone.start(at);
      tone.stop(at + 2 * TONE_S);
      if (index === TONES_HZ.length - 1) tone.addEventListener("ended", () => void context.suspend());
    });
  };

  return {
    arm() {
      if (audio) return;
      audio = new AudioContext();
      void audio.suspend();
    },
    ring() {
      const context = audio;
      if (context) void context.resume().then(() => play(context), () => {});
    },
  };
}
