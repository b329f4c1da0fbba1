// Grids coloured by load, no tiles needed: the polygons are the map. Case pins open their case; a slider goes back in time.
(function () {
  "use strict";
  const box = document.getElementById("map"), slider = document.getElementById("back");
  const heat = ["#eef3f1", "#cfe5db", "#93c7b1", "#e0a44c", "#c4483c"];
  const map = L.map(box, { attributionControl: false, zoomSnap: 0.25 });
  let colour = "open", layer = null, pins = L.layerGroup().addTo(map), data = null, fitted = false, asked = 0;
  const most = () => Math.max(1, ...data.grids.features.map((one) => one.properties[colour]));
  const shade = (value) => (value ? heat[Math.min(4, 1 + Math.floor((value / most()) * 3.99))] : heat[0]);
  const style = (one) => ({ color: "#5f7c73", weight: 1, fillColor: shade(one.properties[colour]), fillOpacity: 0.85 });
  const words = (one) => {
    const p = one.properties, node = document.createElement("div"), link = document.createElement("a");
    link.href = "/admin/cases?tab=open&area=" + encodeURIComponent(p.code);
    link.textContent = p.name;
    const rest = document.createElement("div");
    rest.textContent = `${box.dataset.open} ${p.open} · ${box.dataset.late} ${p.late}`;
    node.append(link, rest);
    return node;
  };
  function paint() {
    if (layer) layer.remove();
    layer = L.geoJSON(data.grids, { style, onEachFeature: (one, drawn) => drawn.bindPopup(() => words(one)).bindTooltip(one.properties.name) }).addTo(map);
    layer.bringToBack();
    pins.clearLayers();
    for (const one of data.cases) {
      L.circleMarker(one.at, { radius: 5, weight: 1.5, color: "#fff", fillColor: one.late ? "#b3261e" : "#1f6f5c", fillOpacity: 1 })
        .bindTooltip(one.title).on("click", () => { location.href = "/admin/cases/" + one.number; }).addTo(pins);
    }
    const legend = document.getElementById("map-most");
    if (legend) legend.textContent = " " + most();
  }
  async function load(back) {
    const mine = ++asked;
    const found = await (await fetch(box.dataset.url + "?back=" + back, { headers: { accept: "application/json" } })).json();
    if (mine !== asked) return; // the slider has moved on
    data = found;
    if (!data.grids.features.length) { box.textContent = box.dataset.empty; return; }
    if (!fitted) { map.fitBounds(L.geoJSON(data.grids).getBounds(), { padding: [12, 12] }); fitted = true; }
    paint();
    const at = document.getElementById("back-at");
    if (at) at.textContent = Number(back) ? data.at : at.dataset.now;
  }
  load(0);
  if (slider) slider.addEventListener("input", () => load(-slider.value));
  document.querySelectorAll("[data-colour]").forEach((button) => button.addEventListener("click", () => {
    colour = button.dataset.colour;
    document.querySelectorAll("[data-colour]").forEach((one) => one.setAttribute("aria-pressed", String(one === button)));
    if (data) paint();
  }));
})();
