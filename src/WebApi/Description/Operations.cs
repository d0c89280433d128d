using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Im.WebApi.Description;

/// <summary>What the routes say of themselves, written into their operations: bodies, examples, refusals, tokens.</summary>
internal static partial class Operations
{
    private const string Json = "application/json";

    internal static async Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        if (metadata.OfType<BodyShape>().LastOrDefault() is { } body)
        {
            var schema = await context.GetOrCreateSchemaAsync(body.Type, cancellationToken: cancellationToken);
            context.Document!.AddComponent(body.Type.Name, schema);
            operation.RequestBody = BodyOf(body, new OpenApiSchemaReference(body.Type.Name, context.Document));
        }

        foreach (var answer in metadata.OfType<AnswerExamples>())
        {
            ((OpenApiMediaType)ResponseOf(operation, answer.Status).Content![Json]).Examples = Named(answer.Examples);
        }

        foreach (var byStatus in metadata.OfType<RefusalExample>().GroupBy(refusal => refusal.Failure.Code / 100))
        {
            Refuse(ResponseOf(operation, byStatus.Key), byStatus);
        }

        Sort(operation);
        AddFromPath(operation, context.Description.RelativePath ?? "");
        foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
        {
            Parameters.Describe(parameter);
        }

        if (metadata.OfType<IAuthorizeData>().Any())
        {
            operation.Security = [Requirement(OpenApi.Bearer, context.Document), Requirement(OpenApi.TokenHeader, context.Document)];
        }
    }

    /// <summary>A token in one place.</summary>
    internal static OpenApiSecurityRequirement Requirement(string scheme, OpenApiDocument? document) => new() { [new OpenApiSecuritySchemeReference(scheme, document)] = [] };

    /// <summary>Shows every envelope with which a call may be refused under one status.</summary>
    internal static void Refuse(OpenApiResponse response, IEnumerable<RefusalExample> refusals)
    {
        var shown = (OpenApiMediaType)response.Content![Json];
        shown.Examples = new Dictionary<string, IOpenApiExample>();
        foreach (var failure in refusals.Select(refusal => refusal.Failure).DistinctBy(failure => failure.Code).OrderBy(failure => failure.Code))
        {
            shown.Examples[failure.Code.ToString(CultureInfo.InvariantCulture)] = new OpenApiExample { Summary = failure.Error, Value = RouteDescription.Written(failure) };
            if (failure.Code / 100 is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
            {
                response.Headers = new Dictionary<string, IOpenApiHeader>
                {
                    ["Retry-After"] = new OpenApiHeader
                    {
                        Description = "Whole seconds to wait before the call is repeated.",
                        Required = true,
                        Schema = new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1" },
                    },
                };
            }
        }
    }

    /// <summary>Parts of the path that no binder reads, so that the framework does not name them: a document without them is faulty.</summary>
    private static void AddFromPath(OpenApiOperation operation, string path)
    {
        foreach (var name in PathPart().Matches(path).Select(part => part.Groups[1].Value).Except(operation.Parameters?.Select(parameter => parameter.Name!) ?? []))
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = name,
                In = ParameterLocation.Path,
                Required = true,
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            });
        }
    }

    /// <summary>Routes say what they answer in no order.</summary>
    internal static void Sort(OpenApiOperation operation)
    {
        var byStatus = operation.Responses!.OrderBy(response => response.Key, StringComparer.Ordinal).ToList();
        operation.Responses = [];
        foreach (var (status, response) in byStatus)
        {
            operation.Responses.Add(status, response);
        }
    }

    private static OpenApiResponse ResponseOf(OpenApiOperation operation, int status) =>
        (OpenApiResponse)operation.Responses![status.ToString(CultureInfo.InvariantCulture)];

    private static OpenApiRequestBody BodyOf(BodyShape body, IOpenApiSchema schema) => new()
    {
        Required = true,
        Description = "At most 16 KiB; unknown fields are ignored.",
        Content = new[] { Json, "application/x-www-form-urlencoded", "multipart/form-data" }
            .ToDictionary(type => type, _ => new OpenApiMediaType { Schema = schema, Examples = Named(body.Examples) }),
    };

    private static Dictionary<string, IOpenApiExample> Named(IReadOnlyDictionary<string, JsonNode> examples) =>
        examples.ToDictionary(example => example.Key, IOpenApiExample (example) => new OpenApiExample { Value = example.Value.DeepClone() });

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex PathPart();
}
