// @ts-check
const TONES_HZ = [880, 1_175];

/** A short two-tone bell for new orders. Browsers let a page make sound only after a tap, so it is switched on by one.
 * @param {HTMLButtonElement} button */
export function createBell(button) {
  let audio = /** @type {AudioContext | null} */ (null);
  const ring = () => {
    const context = audio;
    if (!context) return;
    TONES_HZ.forEach((frequency, index) => {
      const [tone, gain] = [context.createOscillator(), context.createGain()];
      const at = context.currentTime + index * 0.18;
      tone.frequency.value = frequency;
      gain.gain.setValueAtTime(0.25, at);
      gain.gain.exponentialRampToValueAtTime(0.001, at + 0.4);
      tone.connect(gain).connect(context.destination);
      tone.start(at);
      tone.stop(at + 0.4);
    });
  };
  button.addEventListener("click", () => {
    if (audio) {
      void audio.close();
      audio = null;
    } else {
      audio = new AudioContext();
      ring();
    }
    button.setAttribute("aria-pressed", String(audio !== null));
    button.textContent = audio ? "Sound is on" : "Sound is off";
  });
  return { ring };
}
