using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Im.IntegrationTests.Harness;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Im.IntegrationTests.Documents;

/// <summary>The description of the REST calls is whole, and no fault is found in it.</summary>
public sealed class OpenApiTests(GarnetNode fixture) : IClassFixture<GarnetNode>
{
    /// <summary>Served, but no part of what clients call: the page's own files, and the description itself.</summary>
    private static readonly string[] OwnFiles = ["/", "/page/", "/im-client.js", "/openapi/"];

    [Fact]
    public async Task The_committed_document_is_the_one_that_is_served()
    {
        var served = (await Description.OfAsync(fixture.Node)).Text;
        var path = Path.Combine(Repository.Root, "docs", "openapi.json");
        if (Environment.GetEnvironmentVariable("IM_WRITE_OPENAPI") is "1")
        {
            await File.WriteAllTextAsync(path, served, TestContext.Current.CancellationToken);
        }

        Assert.True(File.Exists(path), "docs/openapi.json is missing; run this test with IM_WRITE_OPENAPI=1.");
        Assert.Equal((await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken)).ReplaceLineEndings("\n"), served);
    }

    [Fact]
    public async Task A_reader_of_OpenAPI_finds_no_fault_in_it()
    {
        var read = OpenApiDocument.Parse((await Description.OfAsync(fixture.Node)).Text, "json");

        Assert.NotNull(read.Document);
        Assert.NotEmpty(read.Document.Paths);
        Assert.Empty(read.Diagnostic!.Errors.Concat(read.Diagnostic.Warnings).Select(fault => fault.ToString()));
    }

    [Fact]
    public async Task Every_route_is_described()
    {
        var description = await Description.OfAsync(fixture.Node);
        var routes = fixture.Node.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Select(endpoint => "/" + endpoint.RoutePattern.RawText!.TrimStart('/'))
            .Where(route => !OwnFiles.Any(own => own == route || (own.Length > 1 && route.StartsWith(own, StringComparison.Ordinal))))
            .Distinct().ToList();

        Assert.NotEmpty(routes);

        // The metrics are no route: they stand before the routing.
        Assert.Equal(routes.Append("/metrics").Order(StringComparer.Ordinal), description.Paths.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_operation_says_what_it_does_and_has_an_example_of_every_body()
    {
        var description = await Description.OfAsync(fixture.Node);
        foreach (var (path, method, operation) in description.Operations)
        {
            var name = $"{method} {path}";
            Assert.True(!string.IsNullOrEmpty((string?)operation["summary"]) && !string.IsNullOrEmpty((string?)operation["operationId"]), $"{name} has no summary or no id.");
            foreach (var parameter in operation["parameters"]?.AsArray() ?? [])
            {
                Assert.True(parameter!["description"] is not null && parameter["schema"] is not null && parameter["example"] is not null, $"A parameter of {name} is not whole.");
            }

            var bodies = operation["responses"]!.AsObject().Select(response => response.Value).Append(operation["requestBody"])
                .SelectMany(holder => holder?["content"]?.AsObject().Select(content => content.Value!.AsObject()) ?? []);
            foreach (var body in bodies)
            {
                Assert.True(body["schema"] is not null && (body["example"] is not null || body["examples"]?.AsObject().Count > 0), $"A body of {name} has no schema or no example.");
            }
        }
    }

    [Fact]
    public async Task Every_example_fits_its_schema()
    {
        var description = await Description.OfAsync(fixture.Node);
        var examples = Find(JsonNode.Parse(description.Text)!).ToList();

        Assert.NotEmpty(examples);
        Assert.Empty(examples
            .Select(found => description.Schemas.FaultOf(found.Schema, JsonElement.Parse(found.Example.ToJsonString())) is { } fault ? $"{found.Example.ToJsonString()}: {fault}" : null)
            .Where(fault => fault is not null));
    }

    [Fact]
    public async Task With_an_authority_the_account_routes_are_neither_there_nor_described()
    {
        await using var authority = await TestAuthority.StartAsync();
        await using var node = await TestNode.StartAsync(null, authority.Settings);
        var description = await Description.OfAsync(node);

        Assert.DoesNotContain(description.Paths, path => path.StartsWith("/user/", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.NotFound, (await node.Rest.LogInAsync("ann", null, "correct horse")).Status);
    }

    private static IEnumerable<(JsonNode Schema, JsonNode Example)> Find(JsonNode node) => node switch
    {
        JsonObject { } holder when holder["schema"] is { } schema && (holder["examples"] ?? holder["example"]) is not null =>
            holder["examples"] is JsonObject named ? named.Select(example => (schema, example.Value!["value"]!)) : [(schema, holder["example"]!)],
        JsonObject holder => holder.Where(field => field.Value is not null).SelectMany(field => Find(field.Value!)),
        JsonArray items => items.Where(item => item is not null).SelectMany(item => Find(item!)),
        _ => [],
    };
}
