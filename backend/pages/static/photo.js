// Makes a phone's photo small before it travels: at most 1600 pixels, JPEG; what cannot be read goes as it is.
(function () {
  const linli = (window.linli = window.linli || {});
  const LONGEST = 1600;

  linli.shrink = async function (file) {
    try {
      const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
      const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.max(1, Math.round(picture.width * scale));
      canvas.height = Math.max(1, Math.round(picture.height * scale));
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      picture.close();
      const small = await new Promise(function (resolve) { canvas.toBlob(resolve, "image/jpeg", 0.82); });
      return small && small.size < file.size ? small : file;
    } catch (_unreadable) {
      return file;
    }
  };
})();
