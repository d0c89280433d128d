using System.Reflection;
using Microsoft.Extensions.Logging;

namespace Im.UnitTests.Architecture;

/// <summary>Operators filter by the ids of log events.</summary>
public sealed class LogEventTests
{
    [Fact]
    public void Every_log_event_has_an_id_of_its_own()
    {
        var events = (
            from assembly in new[] { Assembly.Load("Im.Infrastructure"), typeof(Im.WebApi.Node).Assembly }
            from type in assembly.GetTypes()
            from method in type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            let message = method.GetCustomAttribute<LoggerMessageAttribute>()
            where message is not null
            select (message.EventId, Name: $"{type.DeclaringType?.Name}.{method.Name}")).ToList();

        Assert.NotEmpty(events);
        Assert.Empty(events.GroupBy(found => found.EventId, found => found.Name).Where(same => same.Count() > 1).Select(same => $"{same.Key}: {string.Join(", ", same)}"));
    }
}
