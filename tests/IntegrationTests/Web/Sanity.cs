using Microsoft.Playwright;

namespace Im.IntegrationTests.Web;

/// <summary>What can be computed about whether people can use what is shown: names of controls, contrast, width.</summary>
internal static class Sanity
{
    // WCAG 2.2: 1.4.3 (text 4.5 to 1, large text 3 to 1), 4.1.2 (names), 1.4.10 (no scrolling in two directions), 2.5.8 (targets of 24 pixels).
    private const string Faults = """
        () => {
          const faults = [];
          const shown = e => e.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }) && !e.closest('.unseen, .skip');
          const modal = document.querySelector('dialog[open]');
          const inScope = e => shown(e) && (!modal || modal.contains(e));
          const name = e => (e.getAttribute('aria-label') ?? '')
            || (e.getAttribute('aria-labelledby') ?? '').split(' ').map(id => document.getElementById(id)?.textContent ?? '').join(' ').trim()
            || [...(e.labels ?? [])].map(l => l.textContent).join(' ').trim()
            || (e.matches('button, summary, a') ? e.innerText.trim() : '');
          const about = e => `${e.tagName.toLowerCase()}${e.id ? '#' + e.id : ''}.${e.className}`;
          for (const e of document.querySelectorAll('button, input, textarea, select, summary, a, [role=log], dialog[open], nav, aside')) {
            if (inScope(e) && !name(e)) {
              faults.push(`${about(e)} has no name`);
            }
            const box = e.getBoundingClientRect();
            if (inScope(e) && e.matches('button, summary, input:not([type=radio])') && (box.width < 24 || box.height < 24)) {
              faults.push(`${about(e)} is ${box.width} by ${box.height}`);
            }
          }
          const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
          faults.push(...ids.filter((id, i) => ids.indexOf(id) !== i).map(id => `the id ${id} stands twice`));
          if (document.documentElement.scrollWidth > innerWidth) {
            faults.push(`wider than the screen: ${document.documentElement.scrollWidth} > ${innerWidth}`);
          }

          const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
          const rgba = colour => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255]; };
          const over = ([r, g, b, a], [x, y, z]) => [r * a + x * (1 - a), g * a + y * (1 - a), b * a + z * (1 - a), 1];
          const behind = e => { const own = rgba(getComputedStyle(e).backgroundColor); return own[3] === 1 ? own : over(own, e.parentElement ? behind(e.parentElement) : [255, 255, 255, 1]); };
          const light = ([r, g, b]) => { const [x, y, z] = [r, g, b].map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * x + .7152 * y + .0722 * z; };
          const ratio = (a, b) => { const [hi, lo] = [light(a), light(b)].sort((x, y) => y - x); return (hi + .05) / (lo + .05); };
          for (const e of document.querySelectorAll('body *')) {
            const says = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || (e.matches('input, textarea') && (e.value || e.placeholder));
            if (!says || !inScope(e) || e.closest('[aria-disabled=true], :disabled')) {
              continue;
            }
            const style = getComputedStyle(e);
            const ground = behind(e);
            const found = ratio(over(rgba(style.color), ground), ground);
            const size = parseFloat(style.fontSize);
            const needed = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
            if (found < needed) {
              faults.push(`${about(e)} "${e.textContent.trim().slice(0, 30)}" has ${found.toFixed(2)} to 1`);
            }
          }
          for (const e of document.querySelectorAll('input:not([type=radio]), textarea, .secondary')) {
            if (inScope(e)) {
              const found = ratio(rgba(getComputedStyle(e).borderTopColor), behind(e.parentElement));
              if (found < 3) {
                faults.push(`the edge of ${about(e)} has ${found.toFixed(2)} to 1`);
              }
            }
          }
          return faults;
        }
        """;

    public static async Task CheckAsync(IPage page, string where)
    {
        var faults = await page.EvaluateAsync<string[]>(Faults);
        Assert.True(faults.Length == 0, $"While {where}:\n{string.Join('\n', faults)}");
    }
}
