using System.Globalization;
using Im.Load.Measure;
using Im.Load.Scenarios;

namespace Im.Load.Report;

/// <summary>Prints the medians of all rounds as Markdown; behind the first figure its lowest and highest.</summary>
internal static class Table
{
    internal static void Print(string sizeName, IEnumerable<KeyValuePair<Case, List<IReadOnlyList<Figure>>>> rows)
    {
        var trials = rows.ToArray();
        if (trials.Length == 0)
        {
            return;
        }

        // A system of one node has no second one; who has most columns names their order.
        var columns = trials.Select(trial => trial.Value[0]).OrderByDescending(figures => figures.Count).SelectMany(figures => figures).Select(figure => figure.Column).Distinct().ToArray();
        string[] heads = ["system", "mode", .. sizeName.Length > 0 ? new[] { sizeName } : [], .. columns];
        Console.WriteLine($"| {string.Join(" | ", heads)} |");
        Console.WriteLine($"|{string.Concat(heads.Select((_, i) => i < 2 ? "---|" : "--:|"))}");
        foreach (var (one, rounds) in trials)
        {
            string[] cells =
            [
                one.System.Name,
                one.ModeName,
                .. sizeName.Length > 0 ? new[] { one.Size.ToString("N0", CultureInfo.InvariantCulture) } : [],
                .. columns.Select((column, i) => Cell(rounds, column, withRange: i == 0)),
            ];
            Console.WriteLine($"| {string.Join(" | ", cells)} |");
        }
    }

    internal static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static string Cell(List<IReadOnlyList<Figure>> rounds, string column, bool withRange)
    {
        var figures = rounds.SelectMany(round => round.Where(figure => figure.Column == column)).ToArray();
        if (figures.Length == 0)
        {
            return "";
        }

        var values = figures.Select(figure => figure.Value).ToArray();
        var format = $"N{figures[0].Decimals}";
        var range = withRange && values.Length > 1 ? $" ({Text(values.Min())}–{Text(values.Max())})" : "";
        return Text(Median(values)) + range;

        string Text(double value) => value.ToString(format, CultureInfo.InvariantCulture);
    }
}
