import type { Problem } from '../api/problem';
import { useProblemText } from '../api/useProblemText';

/** Why somebody is not let in; of a team that may not be used, also that it may not. */
export function Refusal({ problem }: { problem: Problem }) {
  const { title, advice } = useProblemText()(problem);
  if (problem.tenantStatus === null) return advice;
  return (
    <>
      <strong className="font-semibold">{title}</strong> {advice}
    </>
  );
}
