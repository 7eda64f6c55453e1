// A picture to draw a mask on: drawn pixels are those to be made anew.
export default {
  template: `<canvas ref="canvas" class="painter" aria-label="Picture to draw on"
    @pointerdown="begin" @pointermove="move" @pointerup="end" @pointercancel="end">
    </canvas>`,
  props: { source: String, width: Number, height: Number, brush: Number },
  mounted() {
    this.clear();
    this.load();
  },
  watch: {
    source() {
      this.clear();
      this.load();
    },
  },
  methods: {
    clear() {
      this.drawn = new Uint8Array(this.width * this.height);
      this.last = null;
      this.show();
    },
    load() {
      const image = new Image();
      image.onload = () => {
        this.image = image;
        this.show();
      };
      image.src = this.source;
    },
    show() {
      const canvas = this.$refs.canvas;
      canvas.width = this.width;
      canvas.height = this.height;
      const context = canvas.getContext("2d");
      if (this.image) context.drawImage(this.image, 0, 0);
      context.fillStyle = "rgba(209, 65, 12, 0.8)";
      this.drawn.forEach((bit, i) => {
        if (bit) context.fillRect(i % this.width, Math.floor(i / this.width), 1, 1);
      });
    },
    place(event) {
      const box = this.$refs.canvas.getBoundingClientRect();
      return [
        ((event.clientX - box.left) / box.width) * this.width,
        ((event.clientY - box.top) / box.height) * this.height,
      ];
    },
    begin(event) {
      this.$refs.canvas.setPointerCapture(event.pointerId);
      this.last = this.place(event);
      this.stroke(this.last);
    },
    move(event) {
      if (this.last) this.stroke(this.place(event));
    },
    end() {
      if (!this.last) return;
      this.last = null;
      this.$emit("paint", Array.from(this.drawn).join(""));
    },
    stroke(to) {
      const length = Math.hypot(to[0] - this.last[0], to[1] - this.last[1]);
      const num = Math.max(1, Math.ceil(2 * length));
      for (let i = 0; i <= num; i++) {
        const share = i / num;
        this.dab(
          this.last[0] + share * (to[0] - this.last[0]),
          this.last[1] + share * (to[1] - this.last[1]),
        );
      }
      this.last = to;
      this.show();
    },
    dab(x, y) {
      const radius = this.brush / 2;
      for (let row = 0; row < this.height; row++) {
        for (let column = 0; column < this.width; column++) {
          const apart = Math.hypot(column + 0.5 - x, row + 0.5 - y);
          const inside = Math.floor(x) === column && Math.floor(y) === row;
          if (inside || apart <= radius) this.drawn[row * this.width + column] = 1;
        }
      }
    },
  },
};
