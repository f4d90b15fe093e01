// @ts-check
/** The band of announcements: it takes a place of its own, so that it covers no number. */

const BoardBand = (function () {
  "use strict";

  const { byId, say, place } = BoardDom;
  const LARGEST = 0.05; // of the screen's shorter side: the size of the letters
  const SMALLEST_PX = 12;
  const SHARE = 0.2; // of the screen's height that it should not exceed

  /** @param {() => void} onResize  its height has changed, so that the lanes have other sizes */
  function create(onResize) {
    const band = byId("band");
    const title = byId("band-title");
    const text = byId("band-text");
    const count = byId("band-count");
    let notices = /** @type {BoardNotice[]} */ ([]);
    let pager = BoardPager.started(0);
    let drawn = "";
    let fitted = "";

    /** @param {BoardNotice} notice @param {number} index */
    function fill(notice, index) {
      say(title, notice.title || "");
      say(text, notice.message);
      say(count, notices.length > 1 ? `${index + 1}/${notices.length}` : "");
    }

    /** Find one size of letters and one height for all of them, so that the lanes keep theirs while they turn. */
    function fit() {
      let size = Math.floor(LARGEST * Math.min(window.innerWidth, window.innerHeight));
      const heightOf = () => Math.max.apply(null, notices.map(function (notice, index) {
        fill(notice, index);
        return band.offsetHeight;
      }));
      place(band, { "min-height": 0 });
      for (size = Math.max(size, SMALLEST_PX); ; size -= 1) {
        place(band, { "font-size": size });
        if (size <= SMALLEST_PX || heightOf() <= SHARE * window.innerHeight) break;
      }
      place(band, { "min-height": heightOf() });
    }

    /** Show what belongs on the screen at `now`. Cheap if that is on it already. @param {number} now */
    function paint(now) {
      pager = BoardPager.turned(pager, notices.length, now);
      const notice = notices[pager.page];
      const wanted = JSON.stringify([notices, window.innerWidth, window.innerHeight]);
      if (wanted !== fitted) {
        fitted = wanted;
        drawn = "";
        band.hidden = !notice;
        if (notice) fit();
        onResize();
      }
      const shown = JSON.stringify([notice, pager.page]);
      if (!notice || shown === drawn) return;
      drawn = shown;
      fill(notice, pager.page);
      band.setAttribute("data-priority", notice.priority || "normal");
    }

    return {
      paint,
      /** @param {BoardNotice[]} stand  all that stand now @param {number} now */
      show(stand, now) {
        if (JSON.stringify(stand) === JSON.stringify(notices)) return;
        const isOther = JSON.stringify(stand[0]) !== JSON.stringify(notices[0]);
        notices = stand;
        if (isOther) pager = BoardPager.started(now); // what is most urgent now is seen at once
        paint(now);
      },
    };
  }

  return { create };
})();
