using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Logging;

namespace Im.UnitTests.Documents;

/// <summary>The table of log events in <c>docs/operations.md</c> is what the node logs.</summary>
public sealed class LogsPageTests
{
    [Fact]
    public void Every_log_event_is_in_the_table_with_its_level_and_every_row_of_it_is_one()
    {
        var logged =
            from assembly in new[] { Assembly.Load("Im.Infrastructure"), typeof(Im.WebApi.Node).Assembly }
            from type in assembly.GetTypes()
            from method in type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            let message = method.GetCustomAttribute<LoggerMessageAttribute>()
            where message is not null
            orderby message.EventId
            select $"{message.EventId.ToString(CultureInfo.InvariantCulture)} {message.Level}";
        var rows = Page.Read("docs", "operations.md").Section("Logs").Rows();

        Assert.Equal(logged, rows.Select(row => $"{row[0]} {row[1]}"));
        Assert.All(rows, row => Assert.All(row[2..], cell => Assert.NotEmpty(cell)));
    }

    [Fact]
    public void Every_event_that_a_page_names_is_in_the_table()
    {
        var events = Page.Read("docs", "operations.md").Section("Logs").Rows().Select(row => row[0]).ToHashSet();
        var named =
            from page in Page.All
            from System.Text.RegularExpressions.Match match in System.Text.RegularExpressions.Regex.Matches(page.Prose(), @"\bevents? (\d{4})\b|\bEvent (\d{4})\b")
            select (page.Path, Id: match.Groups[1].Value + match.Groups[2].Value);

        Assert.NotEmpty(named);
        Assert.Empty(named.Where(found => !events.Contains(found.Id)));
    }
}
