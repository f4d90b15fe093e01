// @ts-check
/** Do something soon, once, however often it is asked for meanwhile: a rush of events makes one question.
 * @param {() => void} run @param {number} waitMs @returns {() => void} */
export function later(run, waitMs) {
  let timer = 0;
  return () => {
    timer ||= setTimeout(() => {
      timer = 0;
      run();
    }, waitMs);
  };
}
