// Browsers start no Worker for a page that is opened from the disk, and the search of the site runs in one. There it
// runs in a frame instead, which shares the page's thread. The theme would fetch such a stand-in from elsewhere.
if (location.protocol === "file:") {
  window.IFrameWorker = window.Worker = class extends EventTarget {
    constructor(address) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      document.body.append(frame);
      const inside = frame.contentWindow;
      // What the script posts comes out here, and what is posted here goes in once the script is there.
      inside.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
      this.ready = new Promise((resolve, reject) => {
        const script = inside.document.createElement("script");
        script.src = new URL(address, location);
        script.onload = resolve;
        script.onerror = reject;
        inside.document.body.append(script);
      });
      this.post = (data) => inside.dispatchEvent(new inside.MessageEvent("message", { data }));
      this.terminate = () => frame.remove();
    }

    postMessage(data) {
      this.ready.then(() => this.post(data));
    }
  };
}
