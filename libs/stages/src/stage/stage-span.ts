import type { JsMsg } from '@sluice/broker';
import { ROOT_CONTEXT, SpanKind, trace, type Context, type Span, type Tracer } from '@opentelemetry/api';
import type { Lane, SluiceEvent } from '@sluice/contracts';
import { unrecordedSpan, withTraceparent } from '@sluice/runtime';
import type { AssessmentEventData } from './define-stage.ts';

/**
 * The CONSUMER span of one delivery to a stage; a redelivery links to the span that published it. A trace that is not recorded goes
 * on as it came: a span of its own would say nothing.
 */
export function startStageSpan(
  { stage, tracer, lane }: { stage: { service: string }; tracer: Tracer; lane: Lane },
  message: JsMsg,
  event: SluiceEvent<AssessmentEventData>,
  attempt: number,
  parent: Context,
): Span {
  const unrecorded = unrecordedSpan(parent);
  if (unrecorded) return unrecorded;
  return tracer.startSpan(
    `${stage.service} process`,
    {
      kind: SpanKind.CONSUMER,
      attributes: {
        'messaging.system': 'nats',
        'messaging.operation.type': 'process',
        'messaging.operation.name': 'process',
        'messaging.destination.name': message.subject,
        'messaging.consumer.group.name': `${stage.service}-${lane}`,
        'messaging.message.id': event.id,
        'sluice.purl': event.data.purl,
        'sluice.assessment_id': event.data.assessmentId,
        'sluice.attempt': attempt,
      },
      links: message.info.deliveryCount > 1 ? linksTo(message.headers?.get('traceparent')) : [],
    },
    parent,
  );
}

function linksTo(traceparent: string | undefined) {
  const linked = trace.getSpanContext(withTraceparent(ROOT_CONTEXT, traceparent));
  return linked ? [{ context: linked }] : [];
}
