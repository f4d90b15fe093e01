// @ts-check
const TONES_HZ = [880, 1_175, 1_568];
const TONE_S = 0.18;

/** Make a short bell out of tones, without a sound file. Browsers let no page make sound before a gesture: call `arm`
 * from each, until one of them counts as such. Between two rings the sound card may sleep. */
export function createChime() {
  let audio = /** @type {AudioContext | null} */ (null);
  let isFree = false;
  let ringing = 0;

  /** @param {AudioContext} context */
  const sleep = (context) => void (ringing === 0 && context.suspend());

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
      if (index === TONES_HZ.length - 1) {
        tone.addEventListener("ended", () => {
          ringing -= 1;
          sleep(context);
        });
      }
    });
  };

  return {
    arm() {
      if (isFree) return;
      const context = (audio ??= new AudioContext());
      void context.resume().then(() => {
        isFree = true;
        sleep(context);
      }, () => {});
    },
    ring() {
      const context = audio;
      if (!context || (!isFree && ringing > 0)) return; // what waits for a gesture rings once
      ringing += 1;
      void context.resume().then(() => play(context), () => void (ringing -= 1));
    },
  };
}
