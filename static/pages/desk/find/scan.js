// @ts-check
/** Read a guest's code by the camera, where the browser knows how. */
import { byId, setText } from "../../../ui/dom.js";

/** @typedef {{detect(source: HTMLVideoElement): Promise<{rawValue: string}[]>}} Detector */

const LOOK_MS = 150;

/** Why the camera shows nothing; pure. @param {unknown} error */
export const cameraWords = (error) => (error instanceof Error && error.name === "NotAllowedError"
  ? "This browser may not use the camera. Allow it in the browser's settings, or type the code."
  : "The camera does not work. Type the code instead.");

/** @param {(text: string) => void} found */
export function createScan(found) {
  const Known = /** @type {{BarcodeDetector?: new (options: {formats: string[]}) => Detector}} */ (globalThis).BarcodeDetector;
  const dialog = /** @type {HTMLDialogElement} */ (byId("scanner"));
  const video = /** @type {HTMLVideoElement} */ (byId("scanner-video"));
  byId("scan").hidden = !Known || !navigator.mediaDevices?.getUserMedia;
  if (!Known) return;
  let camera = /** @type {MediaStream | null} */ (null);

  const stop = () => {
    camera?.getTracks().forEach((track) => track.stop());
    camera = null;
    video.srcObject = null;
  };

  /** @param {Detector} detector @param {MediaStream} mine */
  const watch = async (detector, mine) => {
    while (camera === mine) {
      const [code] = await detector.detect(video).catch(() => []); // no picture yet
      if (camera !== mine) return;
      if (code?.rawValue) {
        dialog.close();
        return found(code.rawValue);
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  };

  const open = async () => {
    setText("scanner-state", "");
    dialog.showModal();
    try {
      const opened = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      if (!dialog.open) return opened.getTracks().forEach((track) => track.stop());
      camera = opened;
      video.srcObject = opened;
      await video.play();
      void watch(new Known({ formats: ["qr_code"] }), opened);
    } catch (error) {
      setText("scanner-state", cameraWords(error));
    }
  };
  byId("scan").addEventListener("click", () => void open());
  byId("scanner-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", stop);
}
