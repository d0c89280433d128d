using System.Globalization;

namespace Im.IntegrationTests.Harness;

/// <summary>Sizes that a tester may raise by an environment variable, for a run that is longer than what everybody waits for.</summary>
internal static class LongRun
{
    public static int Of(string variable, int usual) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? int.Parse(value, CultureInfo.InvariantCulture) : usual;
}
