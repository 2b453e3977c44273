// Brings the drawn charts to life: as wide as their place, and they answer when pointed at.
// Runs inside the bundle of Vega, which provides vegaEmbed. A chart that cannot be brought
// to life stays as it was drawn.

const options = {
  actions: false,
  ast: true, // expressions are interpreted: the page forbids code made of text
  defaultStyle: false,
  renderer: "svg",
  tooltip: { disableDefaultStyle: true },
};

async function bringToLife(place) {
  const spec = JSON.parse(document.getElementById(place.dataset.chart).textContent);
  const coming = document.createElement("div");
  coming.className = "coming";
  place.append(coming);
  try {
    await vegaEmbed(coming, spec, options);
    place.replaceChildren(coming);
    coming.className = "live";
  } catch (problem) {
    coming.remove();
    console.error(problem);
  }
}

for (const place of document.querySelectorAll("[data-chart]")) bringToLife(place);
