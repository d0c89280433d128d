using System.Globalization;
using Im.Domain;
using Im.WebApi.Wire;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Im.WebApi.Description;

/// <summary>Routes that the framework does not describe, as they are none of its handlers: the websocket and the metrics.</summary>
internal static class OtherRoutes
{
    internal static async Task DescribeAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        if (document.Components?.Schemas?.ContainsKey(nameof(Failure)) is not true)
        {
            document.AddComponent(nameof(Failure), await context.GetOrCreateSchemaAsync(typeof(Failure), cancellationToken: cancellationToken));
        }

        document.Paths["/im/ws"] = Path(Socket(document));
        document.Paths["/metrics"] = Path(Metrics(document));
    }

    private static OpenApiPathItem Path(OpenApiOperation operation) => new() { Operations = new() { [HttpMethod.Get] = operation } };

    private static OpenApiOperation Socket(OpenApiDocument document)
    {
        var toUserId = new OpenApiParameter { Name = "to_user_id", In = ParameterLocation.Query, Required = true };
        var session = new OpenApiParameter { Name = "session", In = ParameterLocation.Query };
        var seen = new OpenApiParameter { Name = "seen", In = ParameterLocation.Query };
        var subprotocol = new OpenApiParameter
        {
            Name = "Sec-WebSocket-Protocol",
            In = ParameterLocation.Header,
            Description = "`im.v1` for all frames, absent for the plain mode; beside it `im.bearer.<jwt>`, where no header can be set.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            Example = "im.v1",
        };
        foreach (var parameter in new[] { toUserId, session, seen })
        {
            Parameters.Describe(parameter);
        }

        var operation = new OpenApiOperation
        {
            OperationId = "Connect",
            Tags = new HashSet<OpenApiTagReference> { new("Messaging", document) },
            Summary = "Open the websocket with another user",
            Description = "A websocket upgrade, or extended CONNECT over HTTP/2. What is refused is refused before the upgrade, with the envelope. The frames are in the AsyncAPI document.",
            Parameters = [toUserId, session, seen, subprotocol],
            Security =
            [
                Operations.Requirement(OpenApi.Bearer, document), Operations.Requirement(OpenApi.TokenHeader, document), Operations.Requirement(OpenApi.TokenQuery, document),
            ],
            Responses = new OpenApiResponses { ["101"] = new OpenApiResponse { Description = "Switching Protocols: the websocket is open." } },
        };
        Refuse(
            document,
            operation,
            Errors.Parameters(new Dictionary<string, string[]> { ["ToUserId"] = ["The field is required."] }),
            WireRefusals.Unauthenticated,
            Errors.NoSession,
            WireRefusals.OriginRefused,
            WireRefusals.UpgradeRequired,
            WireRefusals.RateLimited,
            WireRefusals.InternalError,
            WireRefusals.StoreUnavailable);
        return operation;
    }

    private static OpenApiOperation Metrics(OpenApiDocument document)
    {
        var operation = new OpenApiOperation
        {
            OperationId = "Metrics",
            Tags = new HashSet<OpenApiTagReference> { new("Health", document) },
            Summary = "Metrics in the text format of Prometheus",
            Description = "For callers on the node's own machine and those in `Web:MetricsReaders`; for others it is not there.",
            Responses = new OpenApiResponses
            {
                ["200"] = new OpenApiResponse
                {
                    Description = "OK",
                    Content = new Dictionary<string, OpenApiMediaType>
                    {
                        ["text/plain"] = new()
                        {
                            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                            Example = "# TYPE im_connections_open gauge\nim_connections_open{mode=\"im.v1\"} 2\n",
                        },
                    },
                },
            },
        };
        Refuse(document, operation, WireRefusals.NotFound);
        return operation;
    }

    private static void Refuse(OpenApiDocument document, OpenApiOperation operation, params Failure[] failures)
    {
        foreach (var byStatus in failures.GroupBy(failure => failure.Code / 100))
        {
            var response = new OpenApiResponse
            {
                Description = Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(byStatus.Key),
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    ["application/json"] = new() { Schema = new OpenApiSchemaReference(nameof(Failure), document) },
                },
            };
            Operations.Refuse(response, byStatus.Select(failure => new RefusalExample(failure)));
            operation.Responses![byStatus.Key.ToString(CultureInfo.InvariantCulture)] = response;
        }
    }
}
