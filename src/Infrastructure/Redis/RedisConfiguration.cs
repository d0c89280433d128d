using System.Net;
using StackExchange.Redis;

namespace Im.Infrastructure.Redis;

/// <summary>How the node connects to its store: what the operator says, and what the node's own promises ask for.</summary>
internal static class RedisConfiguration
{
    /// <summary>For the embedded store.</summary>
    public static ConfigurationOptions Of(EndPoint endPoint)
    {
        var configuration = new ConfigurationOptions { AbortOnConnectFail = true };
        configuration.EndPoints.Add(endPoint);
        return Common(configuration);
    }

    /// <summary>For what <c>Redis:ConnectionString</c> says.</summary>
    /// <exception cref="StartupException">It says nothing that can be used.</exception>
    public static ConfigurationOptions Parse(string connectionString)
    {
        try
        {
            var configuration = Common(ConfigurationOptions.Parse(connectionString));

            // The library would put the prefix before what it subscribes to, but not before what the scripts publish to.
            return configuration.ChannelPrefix.IsNullOrEmpty
                ? configuration
                : throw new StartupException("Redis:ConnectionString has a channelPrefix, and publications would be lost with it.");
        }
        catch (ArgumentException failure)
        {
            // Not the library's sentence: it quotes the string, and the string may hold a password.
            throw new StartupException("Redis:ConnectionString is not a StackExchange.Redis configuration string.", failure);
        }
    }

    private static ConfigurationOptions Common(ConfigurationOptions configuration)
    {
        // Without a connection a call fails at once: what waited in a backlog would arrive after its deadline.
        configuration.BacklogPolicy = BacklogPolicy.FailFast;
        configuration.AbortOnConnectFail = true;
        configuration.IncludeDetailInExceptions = false;
        configuration.IncludePerformanceCountersInExceptions = false;

        // The library's own guard, not a right: the node asks the store whether it writes to disk, and CONFIG GET counts as administration.
        configuration.AllowAdmin = true;

        // Two connections, so that a burst of publications does not delay the answers to commands.
        configuration.Protocol = RedisProtocol.Resp2;
        configuration.ClientName ??= "im";
        return configuration;
    }

    /// <summary>The addresses, and nothing else of the configuration: it may hold a password.</summary>
    public static string Describe(ConfigurationOptions configuration) =>
        configuration.EndPoints.Count == 0 ? "(no address)" : string.Join(", ", configuration.EndPoints.Select(EndPointCollection.ToString));
}
