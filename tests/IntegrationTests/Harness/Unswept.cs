using Im.WebApi.Messaging;
using Microsoft.Extensions.DependencyInjection;

namespace Im.IntegrationTests.Harness;

/// <summary>A node that looks after no connection by itself: what a client of it hears, a publication or an answer has told, and nothing else, however long it takes.</summary>
internal static class Unswept
{
    /// <summary>Takes the sweep away. Without it a user counts as present for 25 s, and a session lives for 300 s past its last message.</summary>
    public static void Start(IServiceCollection services) => services.Remove(services.Single(service => service.ImplementationType == typeof(Sweep)));
}
