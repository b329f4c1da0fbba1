// Draws one border: drag a corner, press a small dot between two to add one, double-press a corner to remove it.
(function () {
  "use strict";
  const box = document.getElementById("map"), pick = document.getElementById("area"), said = document.getElementById("said");
  const keep = document.getElementById("keep"), mayEdit = box.dataset.edit === "yes";
  const map = L.map(box, { attributionControl: false, zoomSnap: 0.25, doubleClickZoom: false }).setView([30, 120], 13);
  let around = L.layerGroup().addTo(map), shape = null, corners = L.layerGroup().addTo(map), stamp = "", drawing = false, points = [];
  const tell = (lines, bad) => {
    said.replaceChildren();
    said.className = lines.length ? (bad ? "note-bad" : "note-good") : "";
    lines.forEach((line) => { const p = document.createElement("div"); p.textContent = line; said.append(p); });
  };
  const rings = (list) => (list.length && list[0].lat !== undefined ? [list] : list.flatMap(rings));
  const dot = (small) => L.divIcon({ className: small ? "corner corner-small" : "corner", iconSize: small ? [10, 10] : [14, 14] });
  const changed = () => { shape.redraw(); if (keep) keep.disabled = false; };
  function handles() {
    corners.clearLayers();
    if (!shape || !mayEdit) return;
    for (const ring of rings(shape.getLatLngs())) {
      ring.forEach((at, index) => {
        const corner = L.marker(at, { draggable: true, icon: dot(false), keyboard: true }).addTo(corners);
        corner.on("drag", () => { ring[index] = corner.getLatLng(); changed(); }).on("dragend", handles);
        corner.on("dblclick", () => { if (ring.length > 3) { ring.splice(index, 1); changed(); handles(); } });
        const next = ring[(index + 1) % ring.length];
        const middle = L.latLng((at.lat + next.lat) / 2, (at.lng + next.lng) / 2);
        L.marker(middle, { icon: dot(true), keyboard: false }).addTo(corners).on("click", () => { ring.splice(index + 1, 0, middle); changed(); handles(); });
      });
    }
  }
  const show = (polygon) => {
    if (shape) shape.remove();
    shape = null;
    if (polygon) L.geoJSON(polygon).eachLayer((layer) => { shape = L.polygon(layer.getLatLngs(), { color: "#1f6f5c", weight: 2, fillOpacity: 0.25 }).addTo(map); });
    handles();
  };
  async function load() {
    drawing = false; tell([]);
    if (keep) keep.disabled = true;
    const found = await (await fetch(box.dataset.url + encodeURIComponent(pick.value), { headers: { accept: "application/json" } })).json();
    stamp = found.stamp;
    around.clearLayers();
    found.around.forEach((one) => L.geoJSON(one.polygon, { style: { color: "#8aa39b", weight: 1, fillOpacity: 0.06, dashArray: "4 4" }, interactive: false }).addTo(around));
    show(found.polygon);
    const all = L.featureGroup([...(shape ? [shape] : around.getLayers())]);
    if (all.getLayers().length) map.fitBounds(all.getBounds(), { padding: [30, 30] });
  }
  async function save() {
    const body = new URLSearchParams({ polygon: JSON.stringify(shape.toGeoJSON(7).geometry), stamp });
    const token = document.querySelector('meta[name="csrf-token"]').content;
    const answer = await fetch(box.dataset.url + encodeURIComponent(pick.value), { method: "POST", body, headers: { "X-CSRFToken": token, accept: "application/json" } });
    const told = await answer.json().catch(() => ({ said: [box.dataset.failed] }));
    if (answer.ok) { stamp = told.stamp; keep.disabled = true; tell([box.dataset.saved, ...told.said]); } else { tell(told.said, true); }
  }
  map.on("click", (event) => {
    if (!drawing) return;
    points.push(event.latlng);
    if (shape) shape.remove();
    shape = L.polygon(points, { color: "#1f6f5c", weight: 2, fillOpacity: 0.25 }).addTo(map);
    if (points.length >= 3) { keep.disabled = false; }
  });
  map.on("dblclick", () => { if (drawing && points.length >= 3) { drawing = false; handles(); } });
  pick.addEventListener("change", load);
  if (mayEdit) {
    document.getElementById("redraw").addEventListener("click", () => { drawing = true; points = []; show(null); keep.disabled = true; tell([box.dataset.drawing]); });
    document.getElementById("undo").addEventListener("click", load);
    keep.addEventListener("click", save);
  }
  const wanted = new URLSearchParams(location.search).get("code");
  if (wanted) pick.value = wanted;
  if (pick.value) load();
})();
